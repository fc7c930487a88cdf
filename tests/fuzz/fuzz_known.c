/* Any bytes as a known-servers file. What it says depends on lines alone: a line that is added at the end and can be
 * read is found there, unless the file was damaged or had the server already. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/fingerprint.h"
#include "net/known.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SERVER "new.example:7447"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t fp[CERTIFICATE_FINGERPRINT_LEN] = {7}, found[CERTIFICATE_FINGERPRINT_LEN] = {0};
    size_t line = 0;
    enum known_result result = known_search((const char *)data, size, SERVER, found, &line);
    if (result == KNOWN_FAILED && line == 0)
        abort();

    char text[FINGERPRINT_TEXT_LEN];
    fingerprint_print(text, fp);
    char *longer = malloc(size + 200);
    if (longer == NULL)
        abort();
    memcpy(longer, data, size);
    size_t len = size + (size_t)snprintf(longer + size, 200, "\n%s %s\n", SERVER, text);
    enum known_result then = known_search(longer, len, SERVER, found, &line);
    if (then != (result == KNOWN_ABSENT ? KNOWN_FOUND : KNOWN_FAILED))
        abort();
    if (then == KNOWN_FOUND && memcmp(found, fp, sizeof fp) != 0)
        abort();
    free(longer);
    return 0;
}
