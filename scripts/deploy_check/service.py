"""The service: its commands, its variables, and the process that it becomes."""

import contextlib, json, os, re, socket, subprocess, sys, tempfile, time, urllib.error, urllib.request
from pathlib import Path

from .common import AUTH, ROOT, wrong


def newest():
    target = Path(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
    built = [path for kind in ("debug", "release") if (path := target / kind / "reference-pago-service").exists()]
    return max(built, key=lambda path: path.stat().st_mtime) if built else sys.exit("build the service first, or name it with --binary")


class Service:
    """The binary: its commands, its variables, and the process that it becomes."""

    def __init__(self, binary):
        self.binary = binary.resolve()
        self.example = self.command("config", "env-example")[1]
        self.variables = set(re.findall(r"^# ([A-Z0-9_]+)=", self.example, re.MULTILINE))
        self.defaults = dict(re.findall(r"^# ([A-Z0-9_]+)=(.*)$", self.example, re.MULTILINE))

    def command(self, *arguments, **variables):
        ran = subprocess.run([self.binary, *arguments], env=variables, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return ran.returncode, ran.stdout, ran.stderr

    def has(self, words, where):
        """That these words are a command of the binary."""
        wrong(self.command(*words, "--help")[0] == 0, f"{where}: {' '.join(words)} is no command of the service")

    def takes(self, variables, where):
        """That the service would start with these variables, and names each secret that is not there."""
        unknown = set(variables) - self.variables
        wrong(all(name.startswith("PG") for name in unknown), f"{where}: no variables of the service: {sorted(unknown)}")
        status, _, told = self.command("config", "check", **variables)
        wrong(status == 0, f"{where}: the service refuses it: {told.strip()}")
        without = {name: value for name, value in variables.items() if name not in ("SECRET_KEY", "DATABASE_URL")}
        status, _, told = self.command("config", "check", **without)
        wrong(status == 2 and "SECRET_KEY" in told and "DATABASE_URL" in told, f"{where}: starts without its secrets: {told}")

    @contextlib.contextmanager
    def running(self, *prefix, **variables):
        """It, on a database of its own, until the end of the block; yields its address and the file with its log."""
        with tempfile.TemporaryDirectory() as directory:
            log = Path(directory, "log")
            with log.open("w") as output:
                variables = {"PORT": "0", "DATABASE_URL": "sqlite://pagos.db?mode=rwc", **AUTH, **variables}
                command = [*prefix, self.binary, "serve"]
                process = subprocess.Popen(command, env=variables, cwd=directory, stdout=output, stderr=output, start_new_session=True)
            try:
                yield self.address(process, log), log
            finally:
                process.terminate()
                wrong(process.wait(30) == 0, f"the service did not end well: {log.read_text()[-2000:]}")

    def address(self, process, log):
        begun = time.monotonic()
        while time.monotonic() - begun < 30 and process.poll() is None:
            if found := re.search(r'"Servicio iniciado".*?"address":"([^"]*)"', log.read_text()):
                return found[1]
            time.sleep(0.05)
        sys.exit(f"scripts/deploy-check: the service did not start: {log.read_text()}")


def asked(address, path, body=None, **headers):
    """The status and the text of an answer."""
    data = None if body is None else json.dumps(body).encode()
    if data:
        headers["content-type"] = "application/json"
    request = urllib.request.Request(f"http://{address}{path}", data, {name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def patiently(ask):
    """The answer, once there is one."""
    begun = time.monotonic()
    while True:
        try:
            return ask()
        except OSError:
            if time.monotonic() - begun > 30:
                raise
            time.sleep(0.05)
