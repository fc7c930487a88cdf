-- SPDX-License-Identifier: MIT
-- The glasschat protocol for Wireshark and tshark: what crosses the wire, and what was inside.
--
-- Standard:    docs/protocol.md sections 2, 4, 6, 7.1 and 10. A field has the name that it has there, after
--              "glasschat.": glasschat.client_random, glasschat.certificate.modulus, glasschat.message.text.
-- Use it:      tshark -X lua_script:net/wireshark/glasschat.lua -r FILE; docs/wireshark.md installs it for Wireshark.
-- Read next:   app/workbench/explain/pcap_session.h, which writes the captures of a recorded session.
--
-- There are two protocols. `glasschat` is the wire: frames over TCP, whose Records are opaque to everybody but the two
-- who talk. Wireshark's Lua has no ciphers, so `glass explain --pcap` writes a second capture in which the Records are
-- open already: `glasschat_inside`, whose layout is below, and which never crosses any wire.
--
-- The bytes may be anybody's. A cursor takes one field after the other and alone compares lengths with what is there;
-- what does not fit is one field, glasschat.unread, with an expert's word that says why: glasschat.malformed. What has
-- its shape, but breaks a rule of the document, is shown with glasschat.rule.

local glasschat = Proto("glasschat", "glasschat, version 1")
local inside = Proto("glasschat_inside", "glasschat, inside")

-- What numbers mean ---------------------------------------------------------------------------------------------------

local FRAMES = {[1] = "ClientHello", [2] = "ServerHello", [3] = "Record", [4] = "Alert"}
local LONGEST_BODY = {[1] = 1024, [2] = 4096, [3] = 16448, [4] = 256}
local GROUPS = {[1] = "ffdhe2048", [2] = "ffdhe3072", [3] = "ffdhe4096"}
local PUBLIC_LEN = {[1] = 256, [2] = 384, [3] = 512}
local SUITES = {[1] = "AES-128-CBC with HMAC-SHA-256", [2] = "AES-256-CBC with HMAC-SHA-256"}
local ALERTS = {[1] = "group_not_allowed", [2] = "suite_not_allowed", [3] = "bad_hello", [4] = "busy"}
local ROLES = {[1] = "server", [2] = "user"}
local CONTENTS = {[0] = "Close", [1] = "Application", [2] = "KeyUpdate", [3] = "Finished"}
local FLAGS = {[0] = "no", [1] = "yes"}
local PRESENCE = {[1] = "joined", [2] = "left"}
local ERRORS = {
    [1] = "malformed", [2] = "unknown_type", [3] = "not_logged_in", [4] = "already_logged_in", [5] = "login_failed",
    [6] = "try_later", [7] = "bad_name", [8] = "bad_email", [9] = "bad_password", [10] = "bad_text",
    [11] = "bad_certificate", [12] = "name_taken", [13] = "no_such_room", [14] = "not_in_room",
    [15] = "already_in_room", [16] = "limit", [17] = "not_saved", [18] = "stopping", [19] = "no_such_user",
    [20] = "no_second_factor", [21] = "wrong_code", [22] = "not_here",
}
local HOW = {[0] = "in the clear", [1] = "opened", [2] = "refused"}

-- Section 10: the name of each message, and its fields in their order.
local MESSAGES = {
    [1] = {"register", "name", "email", "password", "certificate"},
    [2] = {"log in", "name", "password", "code"},
    [3] = {"log out"},
    [4] = {"ping"},
    [5] = {"list rooms", "after_room"},
    [6] = {"join", "any_room"},
    [7] = {"leave", "any_room"},
    [8] = {"say", "room", "text"},
    [9] = {"who", "any_room", "after"},
    [10] = {"change password", "password", "code", "new_password"},
    [11] = {"delete account", "password", "code"},
    [12] = {"begin second factor", "password", "code"},
    [13] = {"confirm second factor", "code"},
    [14] = {"end second factor", "password", "code"},
    [15] = {"replace certificate", "password", "code", "certificate"},
    [16] = {"block", "name"},
    [17] = {"unblock", "name"},
    [18] = {"fetch certificate", "name"},
    [19] = {"relay", "name", "call", "frame"},
    [20] = {"seal", "sealed_room", "sealed"},
    [21] = {"ready"},
    [24] = {"list blocked"},
    [64] = {"ok"},
    [65] = {"error", "error", "words"},
    [66] = {"rooms", "more", "rooms"},
    [67] = {"members", "any_room", "more", "names"},
    [68] = {"secret", "secret"},
    [69] = {"certificate", "name", "certificate"},
    [72] = {"blocked", "blocked"},
    [96] = {"said", "room", "sender", "time", "text"},
    [97] = {"presence", "what", "any_room", "present"},
    [98] = {"notice", "words"},
    [99] = {"replaced"},
    [100] = {"still there"},
    [101] = {"relayed", "name", "call", "frame"},
    [102] = {"sealed", "sealed_room", "sender", "time", "sealed"},
}
local MESSAGE_NAMES = {}
for number, message in pairs(MESSAGES) do MESSAGE_NAMES[number] = message[1] end

-- The fields, by what follows "glasschat." ----------------------------------------------------------------------------

local F = {}

-- How a field is called in the tree: as in the document, so by its last word.
local function label(name) return name:match("[^.]*$") end

local function numbers(bits, names)
    for name, values in pairs(names) do
        local make = ProtoField["uint" .. bits]
        F[name] = values and make("glasschat." .. name, label(name), base.DEC, values)
            or make("glasschat." .. name, label(name), base.DEC)
    end
end

local function bytes(names)
    for _, name in ipairs(names) do F[name] = ProtoField.bytes("glasschat." .. name, label(name)) end
end

local function texts(names)
    for _, name in ipairs(names) do F[name] = ProtoField.string("glasschat." .. name, label(name)) end
end

-- The length of what is counted stands in front of it, as `x.length`.
local function lengths(bits, names)
    for _, name in ipairs(names) do
        F[name .. ".length"] = ProtoField["uint" .. bits]("glasschat." .. name .. ".length", label(name) .. " length")
    end
end

numbers(8, {
    ["type"] = FRAMES, ["version"] = false,
    ["suites.suite"] = SUITES, ["groups.group"] = GROUPS, ["suite"] = SUITES, ["group"] = GROUPS,
    ["alert.code"] = ALERTS, ["alert.data.group"] = GROUPS, ["alert.data.suite"] = SUITES,
    ["certificate.version"] = false, ["certificate.role"] = ROLES, ["content_type"] = CONTENTS,
    ["message.type"] = MESSAGE_NAMES, ["message.more"] = FLAGS, ["message.what"] = PRESENCE,
})
numbers(16, {["length"] = false, ["message.error"] = ERRORS, ["message.n"] = false})
numbers(32, {["message.request"] = false, ["message.members"] = false, ["message.sealed.i"] = false})
numbers(64, {
    ["sequence"] = false, ["certificate.not_before"] = false, ["certificate.not_after"] = false,
    ["message.time"] = false,
})
bytes({
    "header", "client_random", "suites", "groups", "client_public", "server_random", "server_public", "certificate",
    "signature", "certificate.modulus", "certificate.issuer", "certificate.signature", "alert.data", "iv", "ciphertext",
    "tag", "payload", "padding", "message", "message.certificate", "message.secret", "message.call",
    "message.frame", "message.sealed", "message.sealed.room", "message.sealed.L", "message.sealed.key_id",
    "message.sealed.iv", "message.sealed.ciphertext", "message.sealed.tag", "unread",
})
texts({
    "certificate.name", "message.name", "message.room", "message.sender", "message.after", "message.email",
    "message.password", "message.new_password", "message.code", "message.text", "message.words",
})
lengths(8, {
    "suites", "groups", "certificate.name", "alert.data", "message.name", "message.room", "message.sender",
    "message.after", "message.email", "message.password", "message.new_password", "message.code",
})
lengths(16, {
    "client_public", "server_public", "certificate", "signature", "message.certificate", "message.text",
    "message.words", "message.frame", "message.sealed",
})
glasschat.fields = F

local X = {
    malformed = ProtoExpert.new("glasschat.malformed", "Does not have the shape of docs/protocol.md",
        expert.group.MALFORMED, expert.severity.ERROR),
    rule = ProtoExpert.new("glasschat.rule", "Breaks a rule of docs/protocol.md",
        expert.group.PROTOCOL, expert.severity.WARN),
}
glasschat.experts = X

-- The cursor ----------------------------------------------------------------------------------------------------------

local Cursor = {}
Cursor.__index = Cursor

-- Over the bytes of a tvb from at up to stop, whose fields become branches of this tree.
local function over(tvb, at, stop, tree)
    return setmetatable({tvb = tvb, at = at, stop = stop, tree = tree, failed = false}, Cursor)
end

-- Over a field that has fields itself; nil where there was none.
function Cursor:inner(range, item)
    return range and over(self.tvb, range:offset(), range:offset() + range:len(), item)
end

function Cursor:left() return self.stop - self.at end

-- The next n bytes, which are there; nothing is shown of them.
function Cursor:skip(n)
    self.at = self.at + n
    return self.tvb(self.at - n, n)
end

-- The rest does not fit. Whatever is asked for after that is nil.
function Cursor:fail(why)
    if self.failed then return end
    self.failed = true
    local item = self.tree:add(F.unread, self:skip(self:left()))
    item:add_proto_expert_info(X.malformed, why)
end

-- The next n bytes as a field; its range and its branch, or nil.
function Cursor:take(name, n)
    if self.failed or n > self:left() then
        self:fail(label(name) .. " runs over the end")
        return nil
    end
    local range = self:skip(n)
    return range, self.tree:add(F[name], range)
end

-- A number of so many bytes; where a table says what it means, it has to be in there.
function Cursor:number(name, n, known)
    local range, item = self:take(name, n)
    if not range then return nil end
    local value = n == 8 and range:uint64():tonumber() or range:uint()
    if known and not known[value] then
        item:add_proto_expert_info(X.rule, label(name) .. " is none of the document's")
    end
    return value, item
end

-- <u8> or <u16>: a length of `size` bytes, and then so many, of which there may be min to max.
function Cursor:counted(name, size, min, max)
    local n, length = self:number(name .. ".length", size)
    if not n then return nil end
    if n < min or n > max then
        length:add_proto_expert_info(X.rule, string.format("%s has %d to %d bytes", label(name), min, max))
    end
    return self:take(name, n)
end

-- Unix seconds, with what a calendar calls them where it has a word for it.
function Cursor:time(name)
    local value, item = self:number(name, 8)
    if value and value >= 0 and value < 253402300800 then
        item:append_text(os.date("! (%Y-%m-%d %H:%M:%S UTC)", value))
    end
end

-- What is left, if anything is, belongs to nothing.
function Cursor:done()
    if self:left() > 0 then self:fail("bytes are left over after the last field") end
end

-- Frames, section 2 to 6 ----------------------------------------------------------------------------------------------

-- A list of numbers of one byte each.
local function list(c, name, entry, known)
    local inner = c:inner(c:counted(name, 1, 1, 16))
    while inner and inner:left() > 0 do inner:number(entry, 1, known) end
end

-- Section 7.1.
local function certificate(c)
    c:number("certificate.version", 1, {true})
    c:number("certificate.role", 1, ROLES)
    c:counted("certificate.name", 1, 1, 255)
    c:time("certificate.not_before")
    c:time("certificate.not_after")
    c:take("certificate.modulus", 384)
    c:take("certificate.issuer", 32)
    c:take("certificate.signature", 384)
    c:done()
end

-- Section 4.2. Groups and suites that one doesn't know are passed over there, and so they are here.
local function client_hello(c)
    c:take("client_random", 32)
    list(c, "suites", "suites.suite")
    list(c, "groups", "groups.group")
    local group = c:number("group", 1)
    local public, item = c:counted("client_public", 2, 0, 65535)
    if public and PUBLIC_LEN[group] and public:len() ~= PUBLIC_LEN[group] then
        item:add_proto_expert_info(X.rule, "a public value is as long as its group's prime")
    end
    c:done()
end

-- Section 4.4.
local function server_hello(c)
    c:take("server_random", 32)
    c:number("suite", 1, SUITES)
    c:counted("server_public", 2, 256, 512)
    local inner = c:inner(c:counted("certificate", 2, 820, 1074))
    if inner then certificate(inner) end
    c:counted("signature", 2, 384, 384)
    c:done()
end

-- Section 6.1. What the ciphertext says only the two know who talk.
local function record(c)
    local ciphertext = c:left() - 16 - 32
    if ciphertext < 16 or ciphertext % 16 ~= 0 then
        return c:fail("a Record is an IV of 16 bytes, whole blocks of ciphertext, and a tag of 32")
    end
    c:take("iv", 16)
    c:take("ciphertext", ciphertext)
    c:take("tag", 32)
end

-- Section 2.3.
local function alert(c)
    local code = c:number("alert.code", 1, ALERTS)
    local range, item = c:counted("alert.data", 1, 0, 16)
    local entry = code == 1 and "alert.data.group" or code == 2 and "alert.data.suite"
    local inner = entry and c:inner(range, item)
    while inner and inner:left() > 0 do inner:number(entry, 1) end
    c:done()
    return code and ALERTS[code]
end

local BODIES = {[1] = client_hello, [2] = server_hello, [3] = record, [4] = alert}

-- Why the first four bytes begin no frame, or nil.
local function no_frame(header)
    local kind, version, length = header(0, 1):uint(), header(1, 1):uint(), header(2, 2):uint()
    if not FRAMES[kind] then return "there is no frame of this type" end
    if version ~= 1 then return "the version is not 1" end
    if length > LONGEST_BODY[kind] then return "longer than a frame of this type may be" end
end

-- A whole frame; returns what to call it.
local function frame(c)
    local wrong = c:left() < 4 and "a header has four bytes" or no_frame(c.tvb(c.at, 4))
    if wrong then
        c:fail(wrong)
        return "no frame"
    end
    local header = c:inner(c:take("header", 4))
    local kind = header:number("type", 1)
    header:number("version", 1)
    if header:number("length", 2) ~= c:left() then
        c:fail("not as many bytes as the header counts")
        return FRAMES[kind]
    end
    local more = BODIES[kind](c)
    return FRAMES[kind] .. (more and " " .. more or "")
end

-- Messages, section 10 ------------------------------------------------------------------------------------------------

-- <u8> or <u16>: how many bytes its length has, and how many may follow.
local NAME, PASSWORD = {1, 1, 32}, {1, 8, 128}
local STRINGS = {
    name = NAME, room = NAME, sender = NAME, after = {1, 0, 32}, email = {1, 0, 254}, password = PASSWORD,
    new_password = PASSWORD, code = {1, 0, 6}, text = {2, 1, 4000}, words = {2, 0, 1000},
}
-- How many names may be in a list: at least, at most.
local LISTS = {rooms = {0, 400}, names = {0, 400}, present = {1, 400}, blocked = {0, 64}}

-- A string, which is UTF-8; a password may be any bytes.
local function string_field(c, kind)
    local size, min, max = table.unpack(STRINGS[kind])
    local name = "message." .. kind
    local n, length = c:number(name .. ".length", size)
    if not n then return nil end
    if n < min or n > max or (kind == "code" and n % 6 ~= 0) then
        length:add_proto_expert_info(X.rule, kind .. " has another length than it may have")
    end
    if n > c:left() then return c:fail(kind .. " runs over the end") end
    local range = c:skip(n)
    local text = n > 0 and range:string(ENC_UTF_8) or ""
    return text, c.tree:add(F[name], range, text)
end

-- True where a comes before b by their bytes: Lua's own < asks the locale.
local function precedes(a, b)
    for i = 1, math.min(#a, #b) do
        if a:byte(i) ~= b:byte(i) then return a:byte(i) < b:byte(i) end
    end
    return #a < #b
end

-- What a name is made of: a sealed room's has a + before it.
local PLAIN, SEALED, EITHER = "^[a-z][a-z0-9_-]*$", "^%+[a-z][a-z0-9_-]*$", "^%+?[a-z][a-z0-9_-]*$"

-- A name; it has to come after the one before it, where there was one.
local function name_field(c, kind, before, pattern)
    local text, item = string_field(c, kind)
    if not text then return nil end
    if text ~= "" and not text:match(pattern or PLAIN) then
        item:add_proto_expert_info(X.rule, "a name has a-z 0-9 _ -, the first a letter; a sealed room's a + before it")
    end
    if before and not precedes(before, text) then item:add_proto_expert_info(X.rule, "names ascend") end
    return text
end

local function list_field(c, kind)
    local min, max = table.unpack(LISTS[kind])
    local n, count = c:number("message.n", 2)
    if n and (n < min or n > max) then
        count:add_proto_expert_info(X.rule, string.format("a list of %d to %d names", min, max))
    end
    local before
    for _ = 1, n or 0 do
        if kind == "rooms" then
            before = name_field(c, "room", before, EITHER)
            c:number("message.members", 4)
        else
            before = name_field(c, "name", before)
        end
        if c.failed then return end
    end
end

local function certificate_field(c)
    local range, item = c:counted("message.certificate", 2, 0, 1074)
    if range and range:len() > 0 then certificate(c:inner(range, item)) end
end

-- What two users say to each other is not looked into: nobody but they has its keys.
local function frame_field(c)
    local range, item = c:counted("message.frame", 2, 0, 4164)
    if not range or range:len() == 0 then return end
    if range:len() < 4 or no_frame(range(0, 4)) or range(2, 2):uint() + 4 ~= range:len() then
        item:add_proto_expert_info(X.malformed, "not one whole frame")
    end
end

-- Of what the members of a sealed room say, what stands before it can be read.
local function sealed_field(c)
    local range, item = c:counted("message.sealed", 2, 580, 4580)
    if not range then return end
    if range:len() % 16 ~= 4 then
        item:add_proto_expert_info(X.rule, "sealed in whole blocks")
        return
    end
    if range:len() < 580 then return end
    local line = c:inner(range, item)
    line:take("message.sealed.room", 16)
    line:take("message.sealed.L", 32)
    line:take("message.sealed.key_id", 16)
    local i, number = line:number("message.sealed.i", 4)
    if i > 99 then number:add_proto_expert_info(X.rule, "a key seals 100 messages") end
    line:take("message.sealed.iv", 16)
    line:take("message.sealed.ciphertext", line:left() - 32)
    line:take("message.sealed.tag", 32)
end

local FIELDS = {
    name = name_field, room = name_field, sender = name_field, after = name_field,
    any_room = function(c) name_field(c, "room", nil, EITHER) end,
    sealed_room = function(c) name_field(c, "room", nil, SEALED) end,
    after_room = function(c) name_field(c, "after", nil, EITHER) end,
    email = string_field, password = string_field, new_password = string_field, code = string_field,
    text = string_field, words = string_field,
    rooms = list_field, names = list_field, present = list_field, blocked = list_field,
    certificate = certificate_field, frame = frame_field, sealed = sealed_field,
    error = function(c) c:number("message.error", 2) end,
    more = function(c) c:number("message.more", 1, FLAGS) end,
    what = function(c) c:number("message.what", 1, PRESENCE) end,
    time = function(c) c:time("message.time") end,
    secret = function(c) c:take("message.secret", 20) end,
    call = function(c) c:take("message.call", 16) end,
}

-- A push has number 0 and nothing else has, but an error that answers what could not be read.
local function check_request(kind, request, item)
    if kind >= 96 and request ~= 0 then item:add_proto_expert_info(X.rule, "a push has no request") end
    if kind < 96 and kind ~= 65 and request == 0 then
        item:add_proto_expert_info(X.rule, "requests are counted from 1")
    end
end

-- A message; returns what to call it.
local function message(c)
    local kind = c:number("message.type", 1, MESSAGES)
    local request, item = c:number("message.request", 4)
    if not request then return "no message" end
    check_request(kind, request, item)
    local layout = MESSAGES[kind]
    if not layout then
        c:fail("there is no message of this type")
        return "no message"
    end
    for i = 2, #layout do FIELDS[layout[i]](c, layout[i]) end
    c:done()
    return layout[1] .. (request > 0 and " #" .. request or "")
end

-- The inside ----------------------------------------------------------------------------------------------------------
--
--       0        4     5
--       +--------+-----+------------------------------+
--       | length | how | what is told, length - 1     |
--       | u32    | u8  | bytes                        |
--       +--------+-----+------------------------------+
--
--      how 0   in the clear: a frame that nothing hides, whole, as it crossed the wire
--          1   opened: u64 sequence | u8 content type | payload | PKCS#7 padding, which is what a Record's ciphertext
--              was before it was encrypted
--          2   refused: u64 sequence | a Record's frame that its receiver did not open

local I = {
    length = ProtoField.uint32("glasschat_inside.length", "length"),
    how = ProtoField.uint8("glasschat_inside.how", "how", base.DEC, HOW),
}
inside.fields = I
local INSIDE_LONGEST = 1 + 8 + 4 + 16448

-- Section 4.8: empty, but for the client's in kind 2.
local function finished(c)
    if c:left() == 0 then return end
    local inner = c:inner(c:counted("certificate", 2, 820, 1074))
    if inner then certificate(inner) end
    c:counted("signature", 2, 384, 384)
    c:done()
end

-- The padding is as many bytes as each of them says.
local function padding_len(range)
    local n = range(range:len() - 1, 1):uint()
    if n < 1 or n > 16 or n >= range:len() then return nil end
    for i = 1, n do
        if range(range:len() - i, 1):uint() ~= n then return nil end
    end
    return n
end

-- What a content type has for its payload; returns what to call it.
local function payload(c, kind)
    if kind == 1 then return message(c) end
    if kind == 3 then finished(c) else c:done() end
end

-- A Record's plaintext, section 6.1; returns what to call it.
local function plaintext(c)
    local padding = c:left() > 0 and c:left() % 16 == 0 and padding_len(c.tvb(c.at, c:left()))
    if not padding then
        c:fail("a plaintext is whole blocks that end in PKCS#7 padding")
        return "no plaintext"
    end
    local kind = c:number("content_type", 1, CONTENTS)
    local range, item = c:take(kind == 1 and "message" or "payload", c:left() - padding)
    local what = payload(c:inner(range, item), kind)
    c:take("padding", padding)
    return what or CONTENTS[kind] or "no content type"
end

-- One piece; returns what to call it.
local function piece(c)
    if c:left() < 5 or c.tvb(c.at, 4):uint() + 4 ~= c:left() then
        c:fail("no piece of an inside has this length")
        return "no piece"
    end
    c.tree:add(I.length, c:skip(4))
    local how = c.tvb(c.at, 1):uint()
    c.tree:add(I.how, c:skip(1))
    if how == 1 or how == 2 then c:number("sequence", 8) end
    if how > 2 then c:fail("no piece is told like this") end
    if c.failed then return "no piece" end
    if how == 1 then return plaintext(c) end
    return frame(c) .. (how == 2 and " (refused)" or "")
end

-- Streams -------------------------------------------------------------------------------------------------------------

-- Where a receiver would end the connection, what is left of the segment is one piece: nothing after it can be told
-- apart.
local function frame_len(tvb, _, offset)
    if no_frame(tvb(offset, 4)) then return tvb:len() - offset end
    return 4 + tvb(offset + 2, 2):uint()
end

local function piece_len(tvb, _, offset)
    local n = tvb(offset, 4):uint()
    return n >= 1 and n <= INSIDE_LONGEST and 4 + n or tvb:len() - offset
end

-- A dissector of a stream in which each unit is read by `read`. A packet may have several: its line names each.
local function stream(proto, unit_len, read)
    local function unit(tvb, pinfo, tree)
        local branch = tree:add(proto, tvb())
        local called = read(over(tvb, 0, tvb:len(), branch))
        branch:append_text(": " .. called)
        pinfo.cols.info:append(called .. "  ")
        return tvb:len()
    end
    return function(tvb, pinfo, tree)
        pinfo.cols.protocol = proto.name
        pinfo.cols.info:clear()
        dissect_tcp_pdus(tvb, tree, 4, unit_len, unit)
        return tvb:len()
    end
end

glasschat.dissector = stream(glasschat, frame_len, frame)
inside.dissector = stream(inside, piece_len, piece)

-- At ports that the user may choose.
local function at_port(proto, port)
    proto.prefs.port = Pref.range("TCP ports", port, "Where " .. proto.description .. " is expected", 65535)
    local used = port
    DissectorTable.get("tcp.port"):add(used, proto)
    function proto.prefs_changed()
        DissectorTable.get("tcp.port"):remove(used, proto)
        used = proto.prefs.port
        DissectorTable.get("tcp.port"):add(used, proto)
    end
end

at_port(glasschat, "7447")
at_port(inside, "7448")

-- At any other port by its first frame: a ClientHello's lengths fit each other in no other protocol by chance.
local function is_client_hello(tvb)
    local len = tvb:len()
    if len < 4 + 32 or tvb(0, 2):uint() ~= 0x0101 or tvb(2, 2):uint() ~= len - 4 then return false end
    local at = 36
    for _ = 1, 2 do
        local n = at < len and tvb(at, 1):uint() or 0
        if n < 1 or n > 16 then return false end
        at = at + 1 + n
    end
    return at + 3 <= len and at + 3 + tvb(at + 1, 2):uint() == len
end

glasschat:register_heuristic("tcp", function(tvb, pinfo, tree)
    if not is_client_hello(tvb) then return false end
    pinfo.conversation = glasschat
    glasschat.dissector(tvb, pinfo, tree)
    return true
end)
