"""A cluster: the manifests."""

from .common import DEPLOY, KEY, SECRETS, lint, loaded, patience, same, tool, wrong
from .service import asked


def k8s(tools, service, _):
    files = sorted((DEPLOY / "k8s").glob("*.yaml"))
    lint(tools, *files)
    manifests = [path for path in files if path.name != "kustomization.yaml"]
    tool(tools / "py/bin/kubernetes-validate", "--strict", *manifests)
    kustomization = loaded("k8s/kustomization.yaml")[0]
    listed = set(kustomization["resources"]) | {"migrate-job.yaml"}
    same(listed, {path.name for path in manifests}, "the resources of kustomization.yaml, and the Job")
    by_kind = {manifest["kind"]: manifest for path in manifests for manifest in loaded(f"k8s/{path.name}")}
    config = by_kind["ConfigMap"]["data"]
    pods = {kind: by_kind[kind]["spec"]["template"]["spec"] for kind in ("Deployment", "Job")}
    for kind, pod in pods.items():
        container_is_right(kind, pod, config, service)
    deployment, labels = pods["Deployment"], by_kind["Deployment"]["spec"]["template"]["metadata"]["labels"]
    selectors = [by_kind["Service"]["spec"]["selector"], by_kind["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"]]
    selectors += [by_kind["Deployment"]["spec"]["selector"]["matchLabels"], by_kind["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"]]
    wrong(all(selector == labels for selector in selectors), "a selector of Kubernetes does not mean the pods of the Deployment")
    same(pods["Job"]["containers"][0]["args"], ["migrate", "up"], "what the Job does")
    container = deployment["containers"][0]
    ports = {port["name"]: str(port["containerPort"]) for port in container["ports"]}
    same(ports, {"http": config["PORT"], "admin": config["ADMIN_ADDR"].rsplit(":")[-1]}, "the ports of the Deployment")
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"] * 1000
    wrong(deployment["terminationGracePeriodSeconds"] * 1000 > pause + patience(config), "the pod is killed before the service has ended")
    probes_are_answered(container, service)
    return "kubernetes-validate; settings, probes, ports and times are right (no cluster was run)"


def container_is_right(kind, pod, config, service):
    container, secrets = pod["containers"][0], {}
    for entry in container["env"]:
        secrets[entry["name"]] = SECRETS.get(entry["name"], KEY)
        same(entry["valueFrom"]["secretKeyRef"]["name"], "reference-pago-service", f"the Secret of the {kind}")
    service.takes(config | secrets, f"the {kind}")
    service.has(container["args"], f"the {kind}")
    security = pod["securityContext"] | container["securityContext"]
    rights = {name: security[name] for name in ("runAsNonRoot", "readOnlyRootFilesystem", "allowPrivilegeEscalation")}
    same(rights, {"runAsNonRoot": True, "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False}, f"the rights of the {kind}")
    same((security["runAsUser"], security["capabilities"]["drop"]), (65532, ["ALL"]), f"the user of the {kind}")
    wrong("memory" in container["resources"]["limits"], f"the {kind} has no bound of memory")


def probes_are_answered(container, service):
    with service.running() as (address, _):
        for name in ("startupProbe", "livenessProbe", "readinessProbe"):
            path = container[name]["httpGet"]["path"]
            same(asked(address, path)[0], 200, f"{name} {path}")
