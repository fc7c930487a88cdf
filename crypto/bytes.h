/* SPDX-License-Identifier: MIT */
/* Bytes: integers in a fixed byte order, exclusive or, hexadecimal.
 *
 * Standard:    none; "big-endian" (be) puts the most significant byte first, as the wire and most standards do;
 *              "little-endian" (le) puts it last. Hexadecimal is RFC 4648 section 8.
 * Use it:      uint8_t header[4];
 *              bytes_store_be16(header + 2, length);
 * Timing:      depends on lengths alone, and for hex_decode on whether the text is valid; so keys may pass through.
 * Read next:   crypto/ct.h, comparing and wiping.
 */
#ifndef CRYPTO_BYTES_H
#define CRYPTO_BYTES_H

#include <stddef.h>
#include <stdint.h>

/* Marks a function whose result must be looked at: ignoring it is a warning. */
#if defined(__GNUC__)
#define MUST_USE __attribute__((warn_unused_result))
#else
#define MUST_USE
#endif

/* The integer that 2, 4 or 8 bytes stand for, and back. p needs no alignment; the machine's own byte order and word
 * size make no difference. They are inline because the ciphers and hashes call them for every word. */
static inline uint16_t bytes_load_be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t bytes_load_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t bytes_load_be64(const uint8_t *p)
{
    return (uint64_t)bytes_load_be32(p) << 32 | bytes_load_be32(p + 4);
}

static inline uint32_t bytes_load_le32(const uint8_t *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

static inline uint64_t bytes_load_le64(const uint8_t *p)
{
    return (uint64_t)bytes_load_le32(p + 4) << 32 | bytes_load_le32(p);
}

static inline void bytes_store_be16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void bytes_store_be32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline void bytes_store_be64(uint8_t *p, uint64_t v)
{
    bytes_store_be32(p, (uint32_t)(v >> 32));
    bytes_store_be32(p + 4, (uint32_t)v);
}

static inline void bytes_store_le32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

static inline void bytes_store_le64(uint8_t *p, uint64_t v)
{
    bytes_store_le32(p, (uint32_t)v);
    bytes_store_le32(p + 4, (uint32_t)(v >> 32));
}

/* out = a xor b, byte by byte. out may be a or b itself; otherwise it must not overlap them. */
void bytes_xor(uint8_t *out, const uint8_t *a, const uint8_t *b, size_t len);

/* Writes 2 * len lowercase digits and a NUL. out must not overlap in. */
void hex_encode(char *out, const uint8_t *in, size_t len);

/* Reads in_len characters, digits of either case and nothing else. Returns -1, with out and *out_len untouched, where a
 * character is no digit, in_len is odd, or in_len / 2 is more than out_cap; else 0, with *out_len = in_len / 2. */
MUST_USE int hex_decode(uint8_t *out, size_t out_cap, size_t *out_len, const char *in, size_t in_len);

#endif
