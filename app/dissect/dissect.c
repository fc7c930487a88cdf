/* SPDX-License-Identifier: MIT */
/* From the outside in: a frame is a header and a body of its type; a Record's plaintext is a content type, a payload of
 * that type, and padding. What a receiver refuses at the header or at the padding, before it looks further, is not
 * looked into here either. */
#include "app/dissect/dissect.h"

#include <assert.h>

#include "app/dissect/dissect_impl.h"
#include "crypto/dh_group.h"
#include "crypto/pkcs7.h"
#include "net/frame.h"
#include "net/record.h"

#define IV_LEN 16
#define TAG_LEN 32
#define BLOCK_LEN 16
#define NUMBERS(array) (sizeof(array) / sizeof *(array))

/* --- What they are for -------------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct dissect_about about_frames[] = {
    {"frame", "2.2", "A piece of the stream, of a type that does not exist: it ends the connection."},
    {"ClientHello frame", "4.2", "What a client says first: what it can do, and its half of the key exchange; not "
        "encrypted, but covered by the server's signature."},
    {"ServerHello frame", "4.4", "The server's half of the key exchange, and its proof that it has the certificate's "
        "key and saw this very ClientHello."},
    {"Record frame", "6.1", "One message under the keys of its direction: whoever watches learns which way it went and "
        "when, and its length to 16 bytes; what it is can sometimes be guessed from these."},
    {"Alert frame", "2.3", "A refusal in place of a ServerHello; neither encrypted nor signed, so anybody can forge "
        "it, and it is only a hint."},
};
static const struct dissect_about about_header = {"header", "2.1",
    "What comes and how much of it; covered by the server's signature in a hello, by the tag in a Record, and by "
    "nothing in an Alert."};
static const struct dissect_about about_type = {"type", "2.2",
    "What kind of frame this is; one that may not come now ends the connection at this very byte."};
static const struct dissect_about about_version = {"version", "2.1",
    "There is only version 1, so nobody in between can talk the two down to an older, weaker one."};
static const struct dissect_about about_length = {"length", "2.1",
    "How many bytes the body has; compared with the type's limit before any memory is reserved for it."};
static const struct dissect_about about_iv = {"iv", "6.1",
    "Random for each Record, so that equal messages look different; IVs that could be foreseen made the BEAST attack "
    "on TLS 1.0 possible."};
static const struct dissect_about about_ciphertext = {"ciphertext", "6.1",
    "Content type, payload and padding under AES-CBC; of them only the length shows, and that only to 16 bytes."};
static const struct dissect_about about_tag = {"tag", "6.1",
    "HMAC over sequence number, header, iv and ciphertext, checked before anything is decrypted: what was changed, "
    "replayed or reordered is refused."};
static const struct dissect_about about_plaintext = {"plaintext", "6.1",
    "What a Record hides; a receiver looks at no byte of it before the tag has been checked."};
static const struct dissect_about about_content_type = {"content type", "6.3",
    "What the payload is; it is encrypted too, so by its bytes nobody who watches can tell a Close from a short "
    "message (by its place they often can)."};
static const struct dissect_about about_payloads[] = {
    {"payload", "6.5", "Empty: a Close says that nothing follows; where none came the connection was cut, and the last "
        "messages may be missing."},
    {"payload", "10.1", "A message of the chat, which nobody but the two ends of this connection can read: the client, "
        "and the server itself."},
    {"payload", "5.2", "Empty: the Records after this one are under new keys, with which nobody can open what was said "
        "before."},
    {"payload", "4.7", "Empty between client and server: that it opens proves that the peer has the same keys and saw "
        "the same two hellos."},
};
static const char note_certificate[] = "Which key the caller claims to have; it is encrypted, so whoever watches does "
                                       "not see who calls.";
static const struct dissect_about about_signature = {"signature", "4.8",
    "With the certificate's key, over a label, the transcript T and a hash of the certificate: proves that the caller "
    "has that key and saw these two hellos."};
static const struct dissect_about about_padding = {"padding", "6.1",
    "PKCS#7: 1 to 16 bytes, each of which says how many there are, to fill the last block; as the tag is checked "
    "first, nobody can use it as an oracle."};
/* clang-format on */

/* --- What the numbers mean ---------------------------------------------------------------------------------------- */

const char *dissect_frame_type(uint8_t type)
{
    static const char *const types[] = {"unknown", "ClientHello", "ServerHello", "Record", "Alert"};
    return types[type < NUMBERS(types) ? type : 0];
}

const char *dissect_content_type(uint8_t type)
{
    static const char *const types[] = {"Close", "Application", "KeyUpdate", "Finished"};
    return type < NUMBERS(types) ? types[type] : "unknown";
}

const char *dissect_suite(uint8_t suite)
{
    static const char *const suites[] = {"unknown", "AES-128-CBC with HMAC-SHA-256", "AES-256-CBC with HMAC-SHA-256"};
    return suites[suite < NUMBERS(suites) ? suite : 0];
}

const char *dissect_group(uint8_t group)
{
    const struct dh_group *g = dh_group(group);
    return g != NULL ? g->name : "unknown";
}

static struct dissect_reader start(struct dissection *d, const uint8_t *bytes, size_t len)
{
    d->count = 0;
    return (struct dissect_reader){.d = d, .bytes = bytes, .end = len};
}

/* --- Frames ------------------------------------------------------------------------------------------------------- */

/* Takes the header off r, a frame of frame_len bytes, and returns the body's length. Where a receiver refuses the frame
 * at its header, r is stopped. */
static size_t take_header(struct dissect_reader *r, size_t frame_len)
{
    uint64_t type, version, length;
    struct dissect_reader h = dissect_enter(r, &about_header,
                                            frame_len < FRAME_HEADER_LEN ? frame_len : FRAME_HEADER_LEN);
    struct dissect_field *f = dissect_number(&h, &about_type, 1, &type);
    dissect_say(f, "%u, %s", (unsigned)type, dissect_frame_type((uint8_t)type));
    dissect_number(&h, &about_version, 1, &version);
    f = dissect_number(&h, &about_length, 2, &length);
    size_t max = frame_body_max((enum frame_type)type), here = frame_len - (h.at - h.whole->at);
    if (length > here)
        dissect_say(f, "%u bytes, and %zu are here", (unsigned)length, here);
    else
        dissect_say(f, "%u byte%s", (unsigned)length, length == 1 ? "" : "s");
    if (h.stopped)
        r->stopped = true;
    else if (max == 0)
        dissect_malformed(r, "there is no frame of type %u", (unsigned)type);
    else if (version != FRAME_VERSION)
        dissect_malformed(r, "there is no version %u", (unsigned)version);
    else if (length > max)
        dissect_malformed(r, "the body of this type has at most %zu bytes", max);
    return (size_t)length;
}

static void take_record(struct dissect_reader *r, size_t length)
{
    dissect_say(dissect_take(r, &about_iv, IV_LEN), "%d random bytes", IV_LEN);
    if (length < IV_LEN + BLOCK_LEN + TAG_LEN || length % BLOCK_LEN != 0) {
        dissect_malformed(r, "a body of %zu bytes leaves no whole blocks of %d between iv and tag", length, BLOCK_LEN);
        return;
    }
    size_t len = length - IV_LEN - TAG_LEN;
    struct dissect_field *f = dissect_take(r, &about_ciphertext, len);
    dissect_say(f, "%zu bytes, %zu block%s", len, len / BLOCK_LEN, len == BLOCK_LEN ? "" : "s");
    dissect_say(dissect_take(r, &about_tag, TAG_LEN), "%d bytes of HMAC-SHA-256", TAG_LEN);
}

static void take_body(struct dissect_reader *r, enum frame_type type, size_t length)
{
    switch (type) {
    case FRAME_CLIENT_HELLO:
        dissect_client_hello(r);
        break;
    case FRAME_SERVER_HELLO:
        dissect_server_hello(r);
        break;
    case FRAME_RECORD:
        take_record(r, length);
        break;
    case FRAME_ALERT:
        dissect_alert(r);
        break;
    }
    dissect_end(r);
}

void dissect_frame(struct dissection *d, const uint8_t *frame, size_t len)
{
    struct dissect_reader all = start(d, frame, len);
    uint8_t type = len > 0 && frame[0] < NUMBERS(about_frames) ? frame[0] : 0;
    struct dissect_reader r = dissect_enter(&all, &about_frames[type], len);
    size_t length = take_header(&r, len);
    if (r.stopped)
        return;
    if (length < r.end - r.at)
        r.end = r.at + length;
    take_body(&r, (enum frame_type)type, length);
    size_t more = len - r.end;
    if (more == 0)
        return;
    r.end = len;
    r.stopped = false;
    dissect_malformed(&r, "%zu byte%s left after the end of the frame", more, more == 1 ? " is" : "s are");
}

/* --- Plaintext ---------------------------------------------------------------------------------------------------- */

static void take_payload(struct dissect_reader *r, enum content_type type)
{
    size_t len = r->end - r->at;
    if (len == 0) {
        dissect_say(dissect_take(r, &about_payloads[type], 0), "empty");
        return;
    }
    struct dissect_reader inside = dissect_enter(r, &about_payloads[type], len);
    inside.guarded = false;
    if (len > RECORD_PAYLOAD_MAX) {
        dissect_malformed(&inside, "a payload has at most %d bytes", RECORD_PAYLOAD_MAX);
    } else if (type == CONTENT_APPLICATION) {
        dissect_message(&inside);
    } else if (type == CONTENT_FINISHED) {
        dissect_certificate(&inside, note_certificate, false);
        dissect_signature(&inside, &about_signature);
    }
    dissect_end(&inside);
}

static void take_content(struct dissect_reader *r)
{
    uint64_t type;
    struct dissect_field *f = dissect_number(r, &about_content_type, 1, &type);
    dissect_say(f, "%u, %s", (unsigned)type, dissect_content_type((uint8_t)type));
    if (r->stopped)
        return;
    if (type < NUMBERS(about_payloads))
        take_payload(r, (enum content_type)type);
    else
        dissect_malformed(r, "there is no content type %u", (unsigned)type);
}

void dissect_plaintext(struct dissection *d, const uint8_t *plaintext, size_t len, bool padded)
{
    size_t content = len;
    struct dissect_reader all = start(d, plaintext, len);
    struct dissect_reader r = dissect_enter(&all, &about_plaintext, len);
    r.guarded = true; /* as long as it isn't known what it is */
    if (padded && pkcs7_unpad(&content, plaintext, len) != 0) {
        dissect_malformed(&r, "not whole blocks that end in 1 to %d bytes, each of them their number", BLOCK_LEN);
        return;
    }
    r.end = content;
    take_content(&r);
    assert(r.at == content);
    if (!padded)
        return;
    size_t n = len - content;
    r.end = len;
    r.stopped = false;
    dissect_say(dissect_take(&r, &about_padding, n), "%zu byte%s of value %zu", n, n == 1 ? "" : "s", n);
}
