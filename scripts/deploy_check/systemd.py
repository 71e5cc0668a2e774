"""The units."""

import re, shlex, shutil, subprocess, tempfile
from pathlib import Path

from .common import AUTH, DEPLOY, KEY, PROGRAM, patience, same, seconds, there_is, tool, wrong
from .service import asked, free_port, patiently


def systemd(_, service, __):
    units = DEPLOY / "systemd"
    text = (units / "reference-pago-service.service").read_text()
    setting = dict(re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE))
    command = setting["ExecStart"].split()
    same(command[0], PROGRAM, "ExecStart")
    service.has(command[1:], "ExecStart")
    wrong(seconds(setting["TimeoutStopSec"]) * 1000 > patience(service.defaults), "TimeoutStopSec is shorter than what the service may take")
    wrong(int(setting["LimitNOFILE"]) > int(service.defaults["MAX_CONNECTIONS"]), "LimitNOFILE is not above MAX_CONNECTIONS")
    address = re.search(r"^ListenStream=(.*)$", (units / "reference-pago-service.socket").read_text(), re.MULTILINE)[1]
    same(address, f"{service.defaults['HOST']}:{service.defaults['PORT']}", "ListenStream, which healthcheck asks")
    # As systemd reads it, and a shell.
    lines = re.findall(r"^(\w+)=(.*)$", (units / "env.example").read_text(), re.MULTILINE)
    example = {name: "".join(shlex.split(value)) for name, value in lines}
    same(sorted(name for name, value in example.items() if not value), ["PGPASSWORD", "SECRET_KEY"], "what env.example leaves to fill in")
    service.takes(example | {"SECRET_KEY": KEY}, "env.example")
    analyzed = analyze(units, service) if there_is("systemd-analyze") else "its keys were looked at"
    return f"{analyzed}; commands, times and variables are right; {activated(service)}"


def analyze(units, service):
    with tempfile.TemporaryDirectory() as copy:
        for unit in units.glob("reference-pago-service.*"):
            Path(copy, unit.name).write_text(unit.read_text().replace(PROGRAM, str(service.binary)))
        names = sorted(path.name for path in Path(copy).iterdir())
        told = tool("systemd-analyze", "verify", *(f"./{name}" for name in names), cwd=copy)
        # What it does not know it ignores, and says so.
        ignored = [line for line in told.splitlines() if "reference-pago-service" in line]
        wrong(not ignored, f"systemd-analyze verify: {ignored}")
        tool("systemd-analyze", "security", "--offline=true", "--threshold=20", "./reference-pago-service.service", cwd=copy)
    return "systemd-analyze verify and security"


def activated(service):
    """systemd's own program hands its socket to the service, which starts when somebody connects."""
    program = shutil.which("systemd-socket-activate")
    if not program:
        return "not handed a socket: no systemd-socket-activate"
    address = f"127.0.0.1:{free_port()}"
    with tempfile.TemporaryDirectory() as directory:
        hand_over = [program, f"--listen={address}", *(f"--setenv={name}" for name in (*AUTH, "DATABASE_URL"))]
        variables = AUTH | {"DATABASE_URL": f"sqlite://{directory}/pagos.db?mode=rwc"}
        process = subprocess.Popen([*hand_over, service.binary, "serve"], env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            status = patiently(lambda: asked(address, "/health/ready")[0])
            same(status, 200, "/health/ready on a socket that was handed over")
        finally:
            process.terminate()
            same(process.wait(30), 0, "the end of a service on a socket that was handed over")
    return "it served on a socket that systemd-socket-activate handed over"
