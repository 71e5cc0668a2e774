"""The bill of materials."""

import json

from .common import ROOT, tool, wrong


def sbom(tools, _, __):
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    # cargo tells on its other output that it waits for another cargo.
    made = tool(ROOT / "scripts/sbom", stderr=None)
    invalid = JsonStrictValidator(SchemaVersion.V1_6).validate_str(made)
    wrong(invalid is None, f"scripts/sbom: {invalid}")
    bill = json.loads(made)
    names = {component["name"] for component in bill["components"]}
    wrong({"axum", "sqlx", "tokio", "standards-core"} <= names and "proptest" not in names, "scripts/sbom lists what is in the binary")
    bare = [component["name"] for component in bill["components"] if "licenses" not in component]
    wrong(not bare, f"scripts/sbom: no licence: {bare}")
    return f"CycloneDX 1.6, {len(names)} crates"
