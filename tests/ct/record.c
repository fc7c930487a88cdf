/* SPDX-License-Identifier: MIT */
/* Records under a secret, with secret payloads of lengths that give every padding; KeyUpdates; and forgeries. */
#include "net/record.h"

#include <stdint.h>
#include <string.h>

#include "tests/ct/check.h"
#include "tests/ct/secret.h"

#define PAYLOAD_MAX 300

static void one_record(struct record *sender, struct record *receiver, struct rng *random, size_t len)
{
    uint8_t text[PAYLOAD_MAX], frame[PAYLOAD_MAX + 128], *payload;
    size_t frame_len, payload_len;
    enum content_type type;
    check_secret(text, len);
    check_that(record_seal(sender, random, frame, sizeof frame, &frame_len, CONTENT_APPLICATION, text, len) == NET_OK,
               "a Record was not sealed");
    check_output(frame + FRAME_HEADER_LEN, frame_len - FRAME_HEADER_LEN); /* it goes out on the wire */
    check_that(record_open(receiver, frame, frame_len, &type, &payload, &payload_len) == NET_OK,
               "a Record did not open");
    check_that(type == CONTENT_APPLICATION && payload_len == len, "another Record than was sealed");
    if (len > 0)
        check_output(payload, payload_len);
}

static void forgery(struct record *sender, struct record *receiver, struct rng *random)
{
    uint8_t text[20], frame[128], *payload;
    size_t frame_len, payload_len;
    enum content_type type;
    check_secret(text, sizeof text);
    check_that(record_seal(sender, random, frame, sizeof frame, &frame_len, CONTENT_APPLICATION, text, sizeof text) ==
                   NET_OK,
               "a Record was not sealed");
    secret_publish(frame, frame_len);
    frame[frame_len - 1] ^= 1;
    check_that(record_open(receiver, frame, frame_len, &type, &payload, &payload_len) == NET_ERR_RECORD,
               "a forgery opened");
}

static void record(const void *arg)
{
    const enum suite *suite = arg;
    static const size_t lens[] = {0, 1, 5, 13, 14, 15, 16, 31, 100, 255, PAYLOAD_MAX};
    struct record sender, receiver;
    struct rng random;
    uint8_t secret[RECORD_SECRET_LEN];
    check_rng(&random);
    check_secret(secret, sizeof secret);
    record_init(&sender, *suite, secret, NULL);
    record_init(&receiver, *suite, secret, NULL);
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        one_record(&sender, &receiver, &random, lens[i]);
        if (i == 4) {
            record_update(&sender);
            record_update(&receiver);
        }
    }
    forgery(&sender, &receiver, &random);
    record_wipe(&sender);
}

void check_record(void)
{
    static const enum suite suites[] = {SUITE_AES128, SUITE_AES256};
    check_run(CHECK_CODE, "record", "suite 1", record, &suites[0]);
    check_run(CHECK_CODE, "record", "suite 2", record, &suites[1]);
}
