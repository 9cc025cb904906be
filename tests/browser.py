"""A headless Chromium, driven through its pipe: no driver and no package is needed."""

import base64
import json
import os
import shutil
import subprocess

COMMAND = shutil.which("chromium") or shutil.which("chromium-browser")
OPTIONS = [
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--no-first-run", "--disable-extensions", "--disable-background-networking"),
    *("--hide-scrollbars", "--remote-debugging-pipe"),
]


class Browser:
    """One page of a browser.

    Args:
        folder: Folder for its profile.
    """

    def __init__(self, folder):
        here_in, there_out = os.pipe()
        there_in, here_out = os.pipe()
        # Chromium reads from file 3 and writes to file 4.
        script = f'exec 3<&{there_in} 4>&{there_out}; exec "$@"'
        command = [COMMAND, *OPTIONS, f"--user-data-dir={folder}", "about:blank"]
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", *command],
            pass_fds=(there_in, there_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(there_in)
        os.close(there_out)
        self._read, self._write = open(here_in, "rb"), open(here_out, "wb")
        self._number, self._session, self.console = 0, None, []
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(each["targetId"] for each in targets if each["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def call(self, method, **parameters):
        """Calls a method of the DevTools protocol."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._write.write(json.dumps(message).encode() + b"\0")
        self._write.flush()
        while True:
            answer = self._receive()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(answer["error"]["message"])
                return answer["result"]

    def _receive(self):
        content = bytearray()
        while (byte := self._read.read(1)) != b"\0":
            if not byte:
                raise RuntimeError("Chromium has ended")
            content += byte
        message = json.loads(content)
        if message.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
            self.console.append(message["params"])
        return message

    def open(self, url):
        """Opens an address and waits for the page."""
        self.call("Page.navigate", url=url)
        self.wait(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def run(self, script):
        """Returns the value of an expression in the page."""
        result = self.call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"]["description"])
        return result["result"].get("value")

    def wait(self, script):
        """Waits until an expression is true."""
        self.run(
            f"new Promise(done => {{ const look = () => ({script}) ? done(true) "
            ": setTimeout(look, 10); look(); })"
        )

    def press(self, key, code=0, control=False):
        """Presses and releases a key."""
        event = {"key": key, "windowsVirtualKeyCode": code, "modifiers": 2 if control else 0}
        text = {"Enter": "\r", "Tab": ""}.get(key, "")
        if text and not control:
            event["text"] = text
        self.call("Input.dispatchKeyEvent", type="keyDown", **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def type(self, text):
        """Types a text where the focus is."""
        self.call("Input.insertText", text=text)

    def look(self, width, dark=False):
        """Sets the width of the window, in pixels, and the colours."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            **{"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500},
        )
        value = "dark" if dark else "light"
        feature = {"name": "prefers-color-scheme", "value": value}
        self.call("Emulation.setEmulatedMedia", features=[feature])

    def choose(self, **choices):
        """Chooses an option of each select by its identifier."""
        for name, value in choices.items():
            self.run(
                f"""(() => {{ const select = document.getElementById({json.dumps(name)});
                select.value = {json.dumps(value)};
                select.dispatchEvent(new Event("change")); }})()"""
            )

    def fill(self, **values):
        """Puts a value into the field of each input."""
        for name, value in values.items():
            field = f"document.getElementById('input-{name}')"
            self.run(f"{field}.value = {json.dumps(value)}")

    def choose_file(self, selector, path):
        """Chooses a file of this machine."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        field = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=field, files=[str(path)])

    def text_of(self, selector):
        """Returns the text that an element shows."""
        return self.run(f"document.querySelector({json.dumps(selector)}).innerText")

    def texts_of(self, selector):
        """Returns the texts that elements show."""
        found = f"[...document.querySelectorAll({json.dumps(selector)})]"
        return self.run(f"{found}.map(each => each.innerText)")

    def predict(self):
        """Asks, and waits for the answer or the error."""
        self.run("document.getElementById('predict').click()")
        done = "document.getElementById('status').textContent.includes('answered')"
        self.wait(f"{done} || !document.getElementById('error').hidden")

    def screenshot(self):
        """Returns the whole page as PNG."""
        answer = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(answer["data"])

    def close(self):
        """Ends the browser."""
        self._process.kill()
        self._process.wait()
        self._read.close()
        self._write.close()
