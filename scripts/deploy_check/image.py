"""The image: its file, its context, and its binary in an empty root."""

import json, os, re, shutil, signal, subprocess, tempfile
from pathlib import Path

from .common import AUTH, DEPLOY, IN_THE_IMAGE, PROGRAM, ROOT, SECRETS, same, tool, wrong


def image(tools, service, _):
    tool(tools / "py/bin/hadolint", DEPLOY / "Dockerfile")
    text = (DEPLOY / "Dockerfile").read_text()
    lines = re.sub(r"\\\n", " ", text).splitlines()
    last = lambda word: next((line.split(None, 1)[1] for line in reversed(lines) if line.startswith(word + " ")), "")
    wrong(re.fullmatch(r"[1-9]\d*:[1-9]\d*", last("USER")), "the image's user is to be told by number, and not root")
    same(json.loads(last("ENTRYPOINT")), [PROGRAM], "ENTRYPOINT")
    service.has(json.loads(last("CMD")), "CMD")
    check = json.loads(last("HEALTHCHECK").split(" CMD ")[1])
    same(check[0], PROGRAM, "HEALTHCHECK")
    service.has(check[1:], "HEALTHCHECK")
    wrong("cargo build --locked --release -p reference-pago-service" in text, "the image is built from Cargo.lock, as a release")
    version = lambda pattern, path: tuple(map(int, re.search(pattern, (ROOT / path).read_text())[1].split(".")))
    rust = version(r"RUST_VERSION=([\d.]+)", "deploy/Dockerfile")
    wrong(rust >= version(r'rust-version = "([\d.]+)"', "Cargo.toml"), "the image's Rust is older than the workspace asks for")
    variables = dict(re.findall(r"(\w+)=(\S+)", last("ENV")))
    service.takes(variables | AUTH | {"DATABASE_URL": SECRETS["DATABASE_URL"]}, "ENV")
    context_is_whole()
    linked = subprocess.run(["ldd", service.binary], check=True, stdout=subprocess.PIPE, text=True).stdout
    needed = {Path(line.split()[0]).name for line in linked.splitlines()}
    wrong(needed <= IN_THE_IMAGE, f"not in the image: {sorted(needed - IN_THE_IMAGE)}")
    return "hadolint; context, commands and variables are right; " + in_an_empty_root(service, linked)


def context_is_whole():
    """What .dockerignore lets through is a workspace, and holds nothing of a developer's."""
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    kept = [rule[1:] for rule in rules if rule.startswith("!")]
    same(rules[0], "*", ".dockerignore begins with")
    wrong(all(f"**/{name}" in rules for name in (".env", "target", "*.db")), ".dockerignore lets secrets or builds through")
    # Of other platforms' crates nothing may have been fetched.
    platform = ("--filter-platform", "x86_64-unknown-linux-gnu")
    ignored = shutil.ignore_patterns(*[rule[3:] for rule in rules if rule.startswith("**/")])
    with tempfile.TemporaryDirectory() as context:
        for name in kept:
            source, goal = ROOT / name, Path(context, name)
            shutil.copytree(source, goal, ignore=ignored) if source.is_dir() else shutil.copy(source, goal)
        tool("cargo", "metadata", "--locked", "--offline", "--format-version=1", *platform, cwd=context)


def in_an_empty_root(service, linked):
    """The binary as in its image: with its libraries alone on a file system that nobody can write to, not root, and process 1."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "--pid", "--fork", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        return "not run in an empty root, which needs root"
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        for name in ("usr/local/bin", "data", "proc"):
            (root / name).mkdir(parents=True)
        shutil.copy(service.binary, root / PROGRAM[1:])
        for library in re.findall(r"(/\S+)", linked):
            (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, root / library[1:])
        root.chmod(0o755)
        return serves_as_first_process(root)


def serves_as_first_process(root):
    script = """set -e; root=$1; shift; mount --bind "$root" "$root"; mount -t tmpfs -o uid=65532,gid=65532,mode=700 tmpfs "$root/data"
        mount -t proc proc "$root/proc"; mount -o remount,ro,bind "$root"; exec chroot --userspec=65532:65532 "$root" "$@" """
    alone = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", script, "sh", str(root), PROGRAM]
    variables = {"PATH": os.environ["PATH"], "PORT": "0", "DATABASE_URL": "sqlite:///data/pagos.db?mode=rwc", **AUTH}
    process = subprocess.Popen(["timeout", "60", *alone, "serve"], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    told = []
    for line in process.stdout:
        told.append(line)
        if '"Servicio iniciado"' in line:
            break
    address = re.search(r'"address":"([^"]*)"', "".join(told))
    if not wrong(address, f"it does not start in an empty root: {told}"):
        return ""
    health = subprocess.run([*alone, "healthcheck", "--address", address[1]], env=variables, stdout=subprocess.PIPE, text=True)
    same(health.stdout, "ready\n", "healthcheck in an empty root")
    first = descendant(process.pid)
    status = Path(f"/proc/{first}/status").read_text()
    same(re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)[1], "65532", "its user")
    same(re.search(r"^NSpid:.*\s(\d+)$", status, re.MULTILINE)[1], "1", "its number as a process")
    os.kill(first, signal.SIGTERM)
    rest = process.communicate(timeout=30)[0]
    same(process.returncode, 0, f"the end of process 1 by SIGTERM: {rest}")
    return "ran as process 1 of user 65532 on a root that nobody can write to, and heeded SIGTERM"


def descendant(process):
    """The last of a line of processes with one child each."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return descendant(int(children[0])) if children else process
