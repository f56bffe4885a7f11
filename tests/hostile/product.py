"""A running product of one's own, and how its people speak to it over HTTP. Only Python's own library.

The binary is named by TSUMUGI_BINARY, the data files by TSUMUGI_ASSETS. The services are those of the repository, and
`_reference`, which uses every word of the language, is run with them: what holds for it holds for what will be written.
"""

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time
import uuid
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
# Where the officials of the demo sit.
OFFICE = "多摩立川保健所"
SECONDS_TO_START = 120
SECONDS_TO_ANSWER = 60


class Answer:
    """What came back."""

    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}
        self.cookies = [value for name, value in headers if name.lower() == "set-cookie"]

    @property
    def kind(self):
        return self.headers.get("content-type", "").split(";")[0].strip()

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def json(self):
        return json.loads(self.body)


class Product:
    """Starts the demo below a folder, which is made anew; ends it with `stop` or at the end of `with`."""

    def __init__(self, folder, options=(), environment=None):
        self.folder = Path(folder).resolve()
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.services = services(self.folder / "services")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        words = [os.environ["TSUMUGI_BINARY"], "serve", "--demo", "--listen", f"127.0.0.1:{self.port}"]
        words += ["--data", str(self.data), "--services", str(self.services)]
        words += ["--assets", os.environ.get("TSUMUGI_ASSETS", str(ROOT / ".cache/assets")), *options]
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **(environment or {})})
        self.connections, self.cookies = {}, {}
        self._wait()
        self.tokens = json.loads((self.data / "demo-tokens.json").read_text())

    def _wait(self):
        for _ in range(SECONDS_TO_START * 10):
            if self.process.poll() is not None:
                break
            try:
                if self.call(None, "GET", "/readyz").status == 200:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        self.process.kill()
        raise SystemExit(f"the product did not start:\n{self.log.read_text()[-3000:]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends it as an office would, so that all is written that it writes at its end."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def call(self, who, method, path, body=None, headers=None):
        """One request as a persona, or as nobody. A dict is sent as JSON, a new idempotency key with every POST."""
        sent = {"Accept": "*/*", **(headers or {})}
        if who is not None:
            sent["Authorization"] = f"Bearer {self.tokens[who]}"
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        if method == "POST":
            sent.setdefault("Idempotency-Key", str(uuid.uuid4()))
        if isinstance(body, str):
            body = body.encode()
        for last in (False, True):
            connection = self.connections.get(who)
            if connection is None:
                connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS_TO_ANSWER)
                self.connections[who] = connection
            try:
                connection.request(method, path, body=body, headers=sent)
                answer = connection.getresponse()
                return Answer(answer.status, answer.getheaders(), answer.read())
            except (http.client.HTTPException, ConnectionError):
                connection.close()
                self.connections.pop(who, None)
                if last:
                    raise

    def sign_in(self, who):
        """Signs a persona in as its browser would: what is then asked with `page` carries the cookies of that."""
        self.cookies[who] = {}
        form = self.page(who, "GET", "/sign-in")
        token = re.search(r'name="csrf" value="([0-9a-f]+)"', form.text)[1]
        done = self.page(who, "POST", "/sign-in/persona", {"csrf": token, "persona": who})
        assert done.status == 303, f"{who} could not sign in: {done.status}"

    def page(self, who, method, path, fields=None):
        """A page as a persona's browser asks for it; `fields` (a dict or pairs) are posted as a form. Redirects are not followed."""
        jar = self.cookies.setdefault(who, {})
        headers = {"Accept": "text/html", "Accept-Language": "ja"}
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = None
        if fields is not None:
            body = urlencode(fields, errors="surrogatepass")
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        answer = self.call(None, method, path, body, headers)
        for line in answer.cookies:
            name, value = line.split(";")[0].split("=", 1)
            jar[name] = value
        return answer

    def upload(self, who, name, content, kind="application/octet-stream"):
        """Sends a file and answers what came back; `name` goes out as it is."""
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'
        body = head.encode() + content + f"\r\n--{edge}--\r\n".encode()
        return self.call(who, "POST", "/api/v1/uploads", body, {"Content-Type": f"multipart/form-data; boundary={edge}"})


def services(folder):
    """The packages, with the reference among those that run."""
    shutil.copytree(ROOT / "services", folder)
    reference = folder / "common" / "999-reference"
    (folder / "_reference").rename(reference)
    for file in reference.rglob("*.yaml"):
        # Its office is nobody's of the demo.
        text = file.read_text().replace("緑化係", OFFICE)
        file.write_text(re.sub(r"^status: register.*", "status: running", text, flags=re.M))
    return folder
