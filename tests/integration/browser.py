# SPDX-License-Identifier: MIT
"""A headless Chromium, driven over its debugging pipe (the Chrome DevTools Protocol: one JSON text for each message,
each ended by a zero byte). Nothing listens on a port, and nothing is loaded from anywhere."""
import base64
import fcntl
import json
import os
import shutil
import subprocess
import tempfile

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

# The least contrast of text with what is behind it, WCAG 2.1 section 1.4.3, and where.
CONTRAST = """(() => {
    const part = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = c => 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
    const numbers = text => text.match(/[\\d.]+/g).map(Number);
    const behind = e => {
        for (; e; e = e.parentElement) {
            const c = numbers(getComputedStyle(e).backgroundColor);
            if (c.length < 4 || c[3] > 0) return c;
        }
        return [255, 255, 255];
    };
    let worst = [99, ''];
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let n; (n = walk.nextNode());) {
        const e = n.parentElement;
        if (!n.textContent.trim() || e.closest('script, style, svg, option') || !e.getClientRects().length) continue;
        const a = light(numbers(getComputedStyle(e).color)), b = light(behind(e));
        const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
        if (ratio < worst[0]) worst = [ratio, e.outerHTML.slice(0, 80)];
    }
    return worst;
})()"""


class Browser:
    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="glasschat-browser-")
        its_in, ours_out = self.pipe(0)
        ours_in, its_out = self.pipe(1)
        # It takes commands from descriptor 3 and answers on 4. Root has no sandbox there, and needs none for our page.
        command = (f'exec "$0" --headless --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe '
                   f'--user-data-dir="$1" about:blank 3<&{its_in} 4>&{its_out}')
        self.process = subprocess.Popen(["bash", "-c", command, CHROMIUM, self.folder], pass_fds=(its_in, its_out),
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(its_in)
        os.close(its_out)
        self.out, self.answers = ours_out, os.fdopen(ours_in, "rb", buffering=0)
        self.rest, self.number, self.events, self.session = b"", 0, [], None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    @staticmethod
    def pipe(its):
        """Its end is above 10, so that it is neither 3 nor 4. (Hence bash: dash knows no descriptor of two digits.)"""
        ends = list(os.pipe())
        low = ends[its]
        ends[its] = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, 10)
        os.close(low)
        return ends

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.out)
        self.answers.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _message(self):
        while b"\0" not in self.rest:
            more = self.answers.read(65536)
            if not more:
                raise EOFError("the browser is gone")
            self.rest += more
        message, self.rest = self.rest.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, **params):
        self.number += 1
        command = {"id": self.number, "method": method, "params": params}
        if self.session:
            command["sessionId"] = self.session
        text = json.dumps(command).encode() + b"\0"
        while text:
            text = text[os.write(self.out, text):]
        while True:
            message = self._message()
            if message.get("id") == self.number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def open(self, path):
        """Opens a file, and waits until it is loaded."""
        self.events.clear()
        self.call("Page.navigate", url=f"file://{path}")
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self._message())

    def run(self, script):
        """The value of an expression of the page's."""
        result = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description"))
        return result["result"].get("value")

    def key(self, name, code=0):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code,
                      nativeVirtualKeyCode=code, text="\r" if name == "Enter" and kind == "keyDown" else "")

    def look(self, width, dark=False, media=""):
        """A window of this width, of which something may be asked then."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=1000, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce"}])

    def pdf(self):
        return base64.b64decode(self.call("Page.printToPDF")["data"])

    def complaints(self):
        """What the page wrote on its console, threw, or asked the network for."""
        told = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
        asked = [e["params"]["request"]["url"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [e for e in self.events if e.get("method") in told] + [u for u in asked if not u.startswith("file://")]
