#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What people who live in weechat or irssi do without thinking, on a terminal with a real server. Written down before
any of it was built; each is a test here, or a refusal that names what there is instead.

 1  TAB completes a name: `al` at the beginning of a line becomes `alice: `, elsewhere `alice `; TAB again, the next
 2  TAB completes commands, and what they take: `/jo`, `/join l`
 3  the arrow up brings earlier lines back, the arrow down the half of a line that was typed before it
 4  Ctrl-A, Ctrl-E, Ctrl-W, Ctrl-U and Ctrl-K edit the line
 5  Ctrl-L draws the screen anew, with what is being typed
 6  a line with one's own name stands out, and rings if wanted
 7  one sees that something was said elsewhere without going there
 8  Alt-1 to Alt-9 go to another window: there are none, and the key changes nothing of what is typed
 9  PageUp, the mouse: the lines are the terminal's, and stay in it; the program neither clears nor catches anything
10  several lines that are pasted are said, each once, in order
11  the words of IRC: /nick, /query, /names, /list, /part, /me, /whois, /ignore, /topic, /away, /log, ...
12  a connection that was cut comes back by itself, with the rooms
13  the program is started by its name alone, and is where one always is
14  each line has its time
15  each name has its colour, the same every day
16  detach from tmux or screen, come back on a terminal of another size
17  Ctrl-Z, and fg
"""
