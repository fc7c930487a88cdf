/* SPDX-License-Identifier: MIT */
/* One table says what each type of message is and which fields it has, as that of app/message/message.c does, with a
 * sentence for each instead of a place in a struct. tests/test_dissect_any.c and the fuzzer compare the two. */
#include "app/dissect/dissect_impl.h"
#include "app/message/message.h"

/* clang-format off */
#define PART(kind, name, note) {DISSECT_##kind, name, "length of " name, note}
#define NAME(name, note)       PART(NAME, name, note)
#define NAMES(kind, note)      {DISSECT_##kind, "names", NULL, note}
#define CERTIFICATE(note)      PART(CERTIFICATE, "certificate", note)
#define NOTHING                {{DISSECT_END, NULL, NULL, NULL}}

#define WHICH_ROOM \
         "Which room: 1 to " DISSECT_NUMBER(NAME_MAX_LEN) " of a-z 0-9 _ -, a letter first, so that nothing in it " \
         "means anything to a terminal or a file system"
#define PLAIN_ROOM \
    PART(NAME, "room name", WHICH_ROOM ".")
#define ROOM \
    PART(ROOM, "room name", WHICH_ROOM "; a + before that is a sealed room's, where the server can't read.")
#define SEALED_ROOM \
    PART(ROOM_SEALED, "room name", \
         "A + first: what is said there the server can't read, and nobody can take the room for one where it can.")
#define AFTER(kind) \
    PART(kind, "after", \
         "Only names after this one are asked for, as one answer holds no more than " \
         DISSECT_NUMBER(MESSAGE_LIST_MAX) "; empty: from the first.")
#define SEALED \
    PART(SEALED, "sealed", \
         "What the room's members say, under keys that they alone have; how long it is shows how long the text is.")
#define AGAIN \
    PART(PASSWORD, "password", \
         "Asked for once more, so that whoever finds a session open can't take the account over.")
#define CODE \
    PART(CODE, "code", \
         "Six digits of the second factor, or empty; each is accepted only once, so one that somebody saw " \
         "being used is worth nothing.")
#define TEXT \
    PART(TEXT, "text", \
         "What is said: UTF-8 without control characters but tab and newline, so that no message can drive a " \
         "terminal; who shows it filters it once more.")
#define WORDS \
    PART(WORDS, "words", \
         "English, for people; never to be interpreted by a program.")
#define CALL \
    PART(CALL, "call", \
         "Drawn by whoever calls, and the same both ways: it tells a call that was made anew from the one before.")
#define FRAME \
    PART(FRAME, "frame", \
         "What one user's program says to the other's; the server has no key to it. Empty: it knows no such call.")
#define MORE \
    PART(MORE, "more", \
         "Whether there are more: 1 says to ask again, with the last name here as after.")

static const struct dissect_layout layouts[] = {
    {MESSAGE_REGISTER, "register",
     "Makes an account; it does not log in.", {
        NAME("name",
             "Given once, it is never given to anybody again, so nobody can pass for a former owner."),
        PART(EMAIL, "email",
             "Kept with the account, for the operator to see; nothing is ever sent to it."),
        PART(PASSWORD, "password",
             "The server keeps only a salt and a slow hash of it, so whoever steals its file still has to guess."),
        CERTIFICATE(
             "Of a key that the user says is theirs, for others to fetch; empty: none.")}},
    {MESSAGE_LOG_IN, "log in",
     "Name, password and code come together and get one answer, which never says which of them was wrong.", {
        NAME("name",
             "Who logs in; an unknown name gets the answer to a wrong password, after the same work."),
        PART(PASSWORD, "password",
             "Hashed with the account's salt, and compared in constant time with the hash that the server keeps."),
        CODE}},
    {MESSAGE_LOG_OUT, "log out",
     "Leaves every room; the server answers ok and says good-bye.", NOTHING},
    {MESSAGE_PING, "ping",
     "Shows the server that the client is still there, and by its answer the client that the server is.", NOTHING},
    {MESSAGE_LIST_ROOMS, "list rooms",
     "Asks which rooms there are.", {AFTER(ROOM_AFTER)}},
    {MESSAGE_JOIN, "join",
     "Goes into a room; its first member makes it.", {ROOM}},
    {MESSAGE_LEAVE, "leave",
     "Leaves a room; with its last member it is gone, but for the lobby.", {ROOM}},
    {MESSAGE_SAY, "say",
     "Says something in a room; the server adds who it was and when, so no client can speak as another.", {
        PLAIN_ROOM, TEXT}},
    {MESSAGE_WHO, "who",
     "Asks who is in a room.", {ROOM, AFTER(AFTER)}},
    {MESSAGE_CHANGE_PASSWORD, "change password",
     "Changes it, and ends the account's other session, which may be a thief's.", {
        AGAIN, CODE,
        PART(PASSWORD, "new password",
             "The password from ok on, which comes only once the change is on disk.")}},
    {MESSAGE_DELETE_ACCOUNT, "delete account",
     "Deletes it; the name stays taken for ever, so nobody can pass for its owner.", {AGAIN, CODE}},
    {MESSAGE_BEGIN_SECOND_FACTOR, "begin second factor",
     "Asks for a secret; nothing changes before a code of it has come back.", {AGAIN, CODE}},
    {MESSAGE_CONFIRM_SECOND_FACTOR, "confirm second factor",
     "From ok on, logging in needs a code.", {
        PART(CODE, "code",
             "Computed from the new secret: it shows that the authenticator has it, so nobody locks themselves out.")}},
    {MESSAGE_END_SECOND_FACTOR, "end second factor",
     "From ok on, no code is asked for.", {AGAIN, CODE}},
    {MESSAGE_REPLACE_CERTIFICATE, "replace certificate",
     "Puts another certificate into the account, or takes it away.", {
        AGAIN, CODE,
        CERTIFICATE(
             "What others get who fetch it; empty: from now on none.")}},
    {MESSAGE_BLOCK, "block",
     "What that user says in rooms does not come any more; nothing tells them.", {
        NAME("name",
             "Whom; it is kept with the account of the one who asks.")}},
    {MESSAGE_UNBLOCK, "unblock",
     "Takes a block back.", {
        NAME("name",
             "Whom; the answer is ok even for a name that nobody ever had.")}},
    {MESSAGE_FETCH_CERTIFICATE, "fetch certificate",
     "Asks for a user's certificate.", {
        NAME("name",
             "Whose certificate is asked for.")}},
    {MESSAGE_RELAY, "relay",
     "Hands a frame to another user; the server passes it on, and can read nothing that it hides.", {
        NAME("name",
             "To whom."),
        CALL, FRAME}},
    {MESSAGE_SEAL, "seal",
     "Says something in a sealed room; the server passes it on to who is there, and can't open it.", {
        SEALED_ROOM, SEALED}},
    {MESSAGE_READY, "ready",
     "From now on this connection takes calls; no other ever gets a relayed, which its program may not know.",
     NOTHING},
    {MESSAGE_LIST_BLOCKED, "list blocked",
     "Asks whom one has blocked.", NOTHING},

    {MESSAGE_OK, "ok",
     "The request was carried out; what it changed in an account is on disk.", NOTHING},
    {MESSAGE_ERROR, "error",
     "The request was not carried out, and why.", {
        PART(ERROR, "code",
             "For programs; in an answer to log in it never says whether name, password or code was wrong."),
        WORDS}},
    {MESSAGE_ROOMS, "rooms",
     "The rooms that there are, or as many as one answer holds.", {
        MORE,
        {DISSECT_ROOMS, "rooms", NULL,
             "Their names ascend by their bytes, so that the next page knows where to begin."}}},
    {MESSAGE_MEMBERS, "members",
     "Who is in a room, or as many as one answer holds.", {
        ROOM, MORE,
        NAMES(NAMES,
             "They ascend by their bytes, so that the next page knows where to begin.")}},
    {MESSAGE_SECRET, "secret",
     "What the authenticator and the server both compute the codes from.", {
        PART(SECRET, "secret",
             "Whoever has it can compute every code, so it is sent only once, and kept sealed on the server's disk.")}},
    {MESSAGE_CERTIFICATE, "certificate",
     "The certificate that a user has put into their account.", {
        NAME("name",
             "Whose it is; a client shows nothing where it asked for another."),
        CERTIFICATE(
             "No better than the server's word until its signature and its key have been checked; empty: none.")}},
    {MESSAGE_BLOCKED, "blocked",
     "Everybody whom one has blocked.", {
        NAMES(BLOCKED,
             "At most " DISSECT_NUMBER(MESSAGE_BLOCKED_MAX) ", so that one answer always holds them all.")}},

    {MESSAGE_SAID, "said",
     "What somebody said in a room.", {
        PLAIN_ROOM,
        NAME("sender name",
             "Set by the server: nothing that a client sends can make it another's."),
        PART(TIME, "time",
             "Set by the server, from its own clock: nothing that a client sends can change it."),
        TEXT}},
    {MESSAGE_PRESENCE, "presence",
     "Who joined a room or left it; who joined is told before what they say.", {
        PART(PRESENCE, "what",
             "Whether they joined or left; several who did the same may share one message."),
        ROOM,
        NAMES(NAMES_1,
             "At least one; they ascend by their bytes, so nobody stands there twice.")}},
    {MESSAGE_NOTICE, "notice",
     "A word from the server or its operator.", {WORDS}},
    {MESSAGE_REPLACED, "replaced",
     "The same user has logged in elsewhere, so this session ends; a Close follows.", NOTHING},
    {MESSAGE_STILL_THERE, "still there",
     "The server has heard nothing for a while: a client that now asks for nothing is cut.", NOTHING},
    {MESSAGE_RELAYED, "relayed",
     "A frame that another user has handed to the server for this one.", {
        NAME("name",
             "From whom, set by the server: the word of a server, until the frames of the call have proved it."),
        CALL, FRAME}},
    {MESSAGE_SEALED, "sealed",
     "What somebody sealed for the members of a room.", {
        SEALED_ROOM,
        NAME("sender name",
             "Set by the server: the word of a server, until a member has opened what is sealed, which is signed."),
        PART(TIME, "time",
             "Set by the server, from its own clock; what is sealed has no time of its own."),
        SEALED}},
};
/* clang-format on */

const struct dissect_layout *dissect_layout(uint8_t type)
{
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++)
        if (layouts[i].type == type)
            return &layouts[i];
    return NULL;
}

const char *dissect_message_type(uint8_t type)
{
    const struct dissect_layout *layout = dissect_layout(type);
    return layout != NULL ? layout->name : "unknown";
}
