/* SPDX-License-Identifier: MIT */
/* Everything that a stranger can make grow, and its bound: one table, from which come the struct, the defaults, the
 * options of the command line and their help.
 *
 * Standard:    docs/protocol.md section 10.8 says how a client meets each; docs/operator.md, when to change one.
 * Use it:      struct limits limits = LIMITS_DEFAULT;   then  limits.max_clients
 * Timing:      nothing secret.
 * Read next:   options.c, which reads the options; client.c, login.c and room.c, which obey.
 *
 * A line is LIMIT(field, option, default, smallest, largest, what it bounds).
 */
#ifndef APP_SERVER_BASE_LIMITS_H
#define APP_SERVER_BASE_LIMITS_H

#include <stdint.h>

#define LIMITS(LIMIT)                                                                                                  \
    LIMIT(max_clients, "--max-clients", 4096, 1, 1000000, "connections at a time")                                     \
    LIMIT(max_per_address, "--max-per-address", 512, 1, 1000000, "connections at a time from one address")             \
    LIMIT(max_handshakes, "--max-handshakes", 1024, 1, 1000000, "handshakes at a time that are not finished")          \
    LIMIT(max_accounts, "--max-accounts", 100000, 1, 10000000, "accounts; names, with deleted ones, twice as many")    \
    LIMIT(max_registrations, "--max-registrations", 500, 0, 1000000, "registrations of one address an hour; 0: none")  \
    LIMIT(max_rooms, "--max-rooms", 1000, 1, 100000, "rooms at a time")                                                \
    LIMIT(max_rooms_user, "--max-rooms-user", 8, 1, 100000, "rooms that one user has made")                            \
    LIMIT(max_rooms_address, "--max-rooms-address", 250, 1, 100000, "rooms made from one address; its network: twice") \
    LIMIT(max_members, "--max-members", 10000, 1, 1000000, "members of one room")                                      \
    LIMIT(max_joined, "--max-joined", 32, 1, 1000, "rooms that one user is in")                                        \
    LIMIT(max_blocks, "--max-blocks", 64, 1, 64, "users that one user blocks")                                         \
    LIMIT(max_queue_kib, "--max-queue-kib", 256, 32, 1048576, "KiB that wait for one slow reader, then it is dropped") \
    LIMIT(max_rate, "--max-rate", 20, 1, 100000, "requests a second of one client; more wait their turn")              \
    LIMIT(max_relays, "--max-relays", 100, 1, 100000, "frames a second of one client to other users; more wait")       \
    LIMIT(max_said, "--max-said", 8192, 256, 100000000, "bytes a second that one client says; more wait their turn")   \
    LIMIT(max_said_room, "--max-said-room", 16384, 256, 100000000, "bytes a second said in one room; more wait")       \
    LIMIT(max_tries, "--max-tries", 5, 1, 1000, "logins and registrations that one connection may try")                \
    LIMIT(max_waiting, "--max-waiting", 512, 1, 1000000, "logins and the like of one address that wait their turn")    \
    LIMIT(free_tries, "--free-tries", 3, 1, 1000, "failed logins of an account from one address; then it waits")       \
    LIMIT(free_tries_address, "--free-tries-address", 50, 1, 100000, "failed logins of one address; then it waits")    \
    LIMIT(max_wrong_codes, "--max-wrong-codes", 10, 1, 1000, "wrong codes of an account; then it locks, for hours")    \
    LIMIT(max_failures, "--max-failures", 10000, 1, 1000000, "counts of each kind that are remembered")                \
    LIMIT(handshake_seconds, "--handshake-seconds", 10, 1, 3600, "seconds to finish a handshake")                      \
    LIMIT(login_seconds, "--login-seconds", 60, 1, 3600, "seconds to log in")                                          \
    LIMIT(idle_seconds, "--idle-seconds", 120, 1, 86400, "seconds without a word, then the client is asked for one")   \
    LIMIT(answer_seconds, "--answer-seconds", 30, 1, 3600, "seconds that it then has to answer")

#define LIMITS_FIELD(field, option, standard, smallest, largest, what) uint32_t field;
#define LIMITS_VALUE(field, option, standard, smallest, largest, what) .field = (standard),

struct limits {
    LIMITS(LIMITS_FIELD)
};

#define LIMITS_DEFAULT ((struct limits){LIMITS(LIMITS_VALUE)})

#endif
