/* SPDX-License-Identifier: MIT */
/* The groups are fixed and public, so nobody can slip in a weak one; and nobody has to trust those who chose them, as
 * all but the first and the last 64 bits of each prime are those of the number e, plus the least offset that makes it a
 * safe prime. tests/test_dh.c works them out again. */
#include "crypto/dh_group.h"

#include <string.h>

/* The primes as the RFC prints them, six words a line. They differ in length and in their last words but one. */
#define W(word) (word) >> 24, (word) >> 16 & 0xff, (word) >> 8 & 0xff, (word)&0xff
/* RFC 7919 appendix A.1 */
/* clang-format off */
static const uint8_t ffdhe2048[256] = {
    W(0xFFFFFFFF), W(0xFFFFFFFF), W(0xADF85458), W(0xA2BB4A9A), W(0xAFDC5620), W(0x273D3CF1),
    W(0xD8B9C583), W(0xCE2D3695), W(0xA9E13641), W(0x146433FB), W(0xCC939DCE), W(0x249B3EF9),
    W(0x7D2FE363), W(0x630C75D8), W(0xF681B202), W(0xAEC4617A), W(0xD3DF1ED5), W(0xD5FD6561),
    W(0x2433F51F), W(0x5F066ED0), W(0x85636555), W(0x3DED1AF3), W(0xB557135E), W(0x7F57C935),
    W(0x984F0C70), W(0xE0E68B77), W(0xE2A689DA), W(0xF3EFE872), W(0x1DF158A1), W(0x36ADE735),
    W(0x30ACCA4F), W(0x483A797A), W(0xBC0AB182), W(0xB324FB61), W(0xD108A94B), W(0xB2C8E3FB),
    W(0xB96ADAB7), W(0x60D7F468), W(0x1D4F42A3), W(0xDE394DF4), W(0xAE56EDE7), W(0x6372BB19),
    W(0x0B07A7C8), W(0xEE0A6D70), W(0x9E02FCE1), W(0xCDF7E2EC), W(0xC03404CD), W(0x28342F61),
    W(0x9172FE9C), W(0xE98583FF), W(0x8E4F1232), W(0xEEF28183), W(0xC3FE3B1B), W(0x4C6FAD73),
    W(0x3BB5FCBC), W(0x2EC22005), W(0xC58EF183), W(0x7D1683B2), W(0xC6F34A26), W(0xC1B2EFFA),
    W(0x886B4238), W(0x61285C97), W(0xFFFFFFFF), W(0xFFFFFFFF),
};
/* clang-format on */
/* RFC 7919 appendix A.2 */
/* clang-format off */
static const uint8_t ffdhe3072[384] = {
    W(0xFFFFFFFF), W(0xFFFFFFFF), W(0xADF85458), W(0xA2BB4A9A), W(0xAFDC5620), W(0x273D3CF1),
    W(0xD8B9C583), W(0xCE2D3695), W(0xA9E13641), W(0x146433FB), W(0xCC939DCE), W(0x249B3EF9),
    W(0x7D2FE363), W(0x630C75D8), W(0xF681B202), W(0xAEC4617A), W(0xD3DF1ED5), W(0xD5FD6561),
    W(0x2433F51F), W(0x5F066ED0), W(0x85636555), W(0x3DED1AF3), W(0xB557135E), W(0x7F57C935),
    W(0x984F0C70), W(0xE0E68B77), W(0xE2A689DA), W(0xF3EFE872), W(0x1DF158A1), W(0x36ADE735),
    W(0x30ACCA4F), W(0x483A797A), W(0xBC0AB182), W(0xB324FB61), W(0xD108A94B), W(0xB2C8E3FB),
    W(0xB96ADAB7), W(0x60D7F468), W(0x1D4F42A3), W(0xDE394DF4), W(0xAE56EDE7), W(0x6372BB19),
    W(0x0B07A7C8), W(0xEE0A6D70), W(0x9E02FCE1), W(0xCDF7E2EC), W(0xC03404CD), W(0x28342F61),
    W(0x9172FE9C), W(0xE98583FF), W(0x8E4F1232), W(0xEEF28183), W(0xC3FE3B1B), W(0x4C6FAD73),
    W(0x3BB5FCBC), W(0x2EC22005), W(0xC58EF183), W(0x7D1683B2), W(0xC6F34A26), W(0xC1B2EFFA),
    W(0x886B4238), W(0x611FCFDC), W(0xDE355B3B), W(0x6519035B), W(0xBC34F4DE), W(0xF99C0238),
    W(0x61B46FC9), W(0xD6E6C907), W(0x7AD91D26), W(0x91F7F7EE), W(0x598CB0FA), W(0xC186D91C),
    W(0xAEFE1309), W(0x85139270), W(0xB4130C93), W(0xBC437944), W(0xF4FD4452), W(0xE2D74DD3),
    W(0x64F2E21E), W(0x71F54BFF), W(0x5CAE82AB), W(0x9C9DF69E), W(0xE86D2BC5), W(0x22363A0D),
    W(0xABC52197), W(0x9B0DEADA), W(0x1DBF9A42), W(0xD5C4484E), W(0x0ABCD06B), W(0xFA53DDEF),
    W(0x3C1B20EE), W(0x3FD59D7C), W(0x25E41D2B), W(0x66C62E37), W(0xFFFFFFFF), W(0xFFFFFFFF),
};
/* clang-format on */
/* RFC 7919 appendix A.3 */
/* clang-format off */
static const uint8_t ffdhe4096[512] = {
    W(0xFFFFFFFF), W(0xFFFFFFFF), W(0xADF85458), W(0xA2BB4A9A), W(0xAFDC5620), W(0x273D3CF1),
    W(0xD8B9C583), W(0xCE2D3695), W(0xA9E13641), W(0x146433FB), W(0xCC939DCE), W(0x249B3EF9),
    W(0x7D2FE363), W(0x630C75D8), W(0xF681B202), W(0xAEC4617A), W(0xD3DF1ED5), W(0xD5FD6561),
    W(0x2433F51F), W(0x5F066ED0), W(0x85636555), W(0x3DED1AF3), W(0xB557135E), W(0x7F57C935),
    W(0x984F0C70), W(0xE0E68B77), W(0xE2A689DA), W(0xF3EFE872), W(0x1DF158A1), W(0x36ADE735),
    W(0x30ACCA4F), W(0x483A797A), W(0xBC0AB182), W(0xB324FB61), W(0xD108A94B), W(0xB2C8E3FB),
    W(0xB96ADAB7), W(0x60D7F468), W(0x1D4F42A3), W(0xDE394DF4), W(0xAE56EDE7), W(0x6372BB19),
    W(0x0B07A7C8), W(0xEE0A6D70), W(0x9E02FCE1), W(0xCDF7E2EC), W(0xC03404CD), W(0x28342F61),
    W(0x9172FE9C), W(0xE98583FF), W(0x8E4F1232), W(0xEEF28183), W(0xC3FE3B1B), W(0x4C6FAD73),
    W(0x3BB5FCBC), W(0x2EC22005), W(0xC58EF183), W(0x7D1683B2), W(0xC6F34A26), W(0xC1B2EFFA),
    W(0x886B4238), W(0x611FCFDC), W(0xDE355B3B), W(0x6519035B), W(0xBC34F4DE), W(0xF99C0238),
    W(0x61B46FC9), W(0xD6E6C907), W(0x7AD91D26), W(0x91F7F7EE), W(0x598CB0FA), W(0xC186D91C),
    W(0xAEFE1309), W(0x85139270), W(0xB4130C93), W(0xBC437944), W(0xF4FD4452), W(0xE2D74DD3),
    W(0x64F2E21E), W(0x71F54BFF), W(0x5CAE82AB), W(0x9C9DF69E), W(0xE86D2BC5), W(0x22363A0D),
    W(0xABC52197), W(0x9B0DEADA), W(0x1DBF9A42), W(0xD5C4484E), W(0x0ABCD06B), W(0xFA53DDEF),
    W(0x3C1B20EE), W(0x3FD59D7C), W(0x25E41D2B), W(0x669E1EF1), W(0x6E6F52C3), W(0x164DF4FB),
    W(0x7930E9E4), W(0xE58857B6), W(0xAC7D5F42), W(0xD69F6D18), W(0x7763CF1D), W(0x55034004),
    W(0x87F55BA5), W(0x7E31CC7A), W(0x7135C886), W(0xEFB4318A), W(0xED6A1E01), W(0x2D9E6832),
    W(0xA907600A), W(0x918130C4), W(0x6DC778F9), W(0x71AD0038), W(0x092999A3), W(0x33CB8B7A),
    W(0x1A1DB93D), W(0x7140003C), W(0x2A4ECEA9), W(0xF98D0ACC), W(0x0A8291CD), W(0xCEC97DCF),
    W(0x8EC9B55A), W(0x7F88A46B), W(0x4DB5A851), W(0xF44182E1), W(0xC68A007E), W(0x5E655F6A),
    W(0xFFFFFFFF), W(0xFFFFFFFF),
};
/* clang-format on */
#undef W

/* An exponent of twice the group's strength, and some more: NIST gives 112, 128 and 152 bits to these primes. */
static const struct dh_group groups[] = {
    {DH_FFDHE2048, "ffdhe2048", 256, 32, ffdhe2048},
    {DH_FFDHE3072, "ffdhe3072", 384, 40, ffdhe3072},
    {DH_FFDHE4096, "ffdhe4096", 512, 48, ffdhe4096},
};
#define GROUPS (sizeof groups / sizeof *groups)

const struct dh_group *dh_group(int id)
{
    for (size_t i = 0; i < GROUPS; i++)
        if ((int)groups[i].id == id)
            return &groups[i];
    return NULL;
}

const struct dh_group *dh_group_by_name(const char *name)
{
    for (size_t i = 0; i < GROUPS; i++)
        if (strcmp(groups[i].name, name) == 0)
            return &groups[i];
    return NULL;
}
