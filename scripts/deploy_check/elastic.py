"""Templates, pipeline and Filebeat's input, by an interpreter that plays Elasticsearch."""

import datetime, json, re, sqlite3

from .common import AUTH, DEPLOY, ROOT, lint, loaded, same, wrong
from .service import asked


def elastic(tools, service, arguments):
    part = lambda name: json.loads((DEPLOY / "elastic" / name).read_text())
    schemas = ROOT / "standards-core/schemas"
    core, index = json.loads((schemas / "log-index-template.json").read_text()), part("index-template.json")
    components = {"standards-log": part("component-template-standards-log.json"), "pagos": part("component-template-pagos.json")}
    same(components["standards-log"]["template"], core["template"], "the component of standards-core's template")
    same(index["composed_of"], list(components), "the components of the index template")
    wrong(index["priority"] > core["priority"] and "data_stream" in index, "the index template is to win over that of standards-core")
    fields = {}
    for component in components.values():
        fields |= flattened(component["template"]["mappings"])
    for name in ("log-record.schema.json", "log-record-ecs.schema.json"):
        missing = leaves(json.loads((schemas / name).read_text())) - set(fields)
        wrong(not missing, f"{name}: no mapping for {sorted(missing)}")
    pipeline = part("ingest-pipeline.json")
    same(index["template"]["settings"]["index.default_pipeline"], "standards-ecs", "the pipeline")
    ecs = ecs_fields(tools)
    made = {processor["set"]["field"] for processor in pipeline["processors"]}
    foreign = {name for name in made if name not in ecs and not name.startswith("labels.")}
    wrong(not foreign, f"the pipeline makes what ECS does not have: {sorted(foreign)}")
    lint(tools, DEPLOY / "elastic/filebeat.yml")
    filebeat_is_right(index)
    count = 0
    for form in ("json", "ecs"):
        count += taken_in(recorded_lines(service, form), pipeline, fields, form)
    if arguments.lines:
        count += taken_in(arguments.lines.read_text().splitlines(), pipeline, fields, str(arguments.lines))
    return f"every field is mapped, the pipeline's are of ECS 9.4.0; {count} records were taken in (no Elasticsearch was run)"


def flattened(mapping, path=""):
    """The mapped fields by path."""
    found = {}
    for name, field in mapping.get("properties", {}).items():
        found[path + name] = field.get("type", "object")
        found |= flattened(field, f"{path}{name}.")
    return found


def leaves(schema, path=""):
    found = set()
    for name, field in schema.get("properties", {}).items():
        if isinstance(field, dict) and "properties" not in field:
            found.add(path + name)
        elif isinstance(field, dict):
            found |= leaves(field, f"{path}{name}.")
    return found


def ecs_fields(tools):
    """Every field of ECS, from the types that Elastic publishes."""
    found = set()
    for file in (tools / "node_modules/@elastic/ecs/generated").glob("*.ts"):
        if file.name.endswith(".d.ts"):
            continue
        path = [] if file.stem in ("base", "tracing") else [file.stem]
        for line in re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL).splitlines():
            if opened := re.match(r" +'?([@\w]+)'?\??: (?:Array<)?\{$", line):
                path.append(opened[1])
            elif re.match(r" +\}>?;$", line):
                path.pop()
            elif field := re.match(r" +'?([@\w]+)'?\??: ", line):
                found.add(".".join([*path, field[1]]))
    wrong(len(found) > 500 and "http.request.method" in found, f"only {len(found)} fields of ECS were found")
    return found


def filebeat_is_right(index):
    beat = loaded("elastic/filebeat.yml")[0]
    keys = {"filebeat.inputs", "setup.template.enabled", "setup.ilm.enabled", "output.elasticsearch"}
    same(set(beat), keys, "the keys of filebeat.yml")
    pattern = index["index_patterns"][0].removesuffix("*")
    wrong(beat["output.elasticsearch"]["index"].startswith(pattern), "filebeat.yml writes to a stream that the template does not describe")
    for source in beat["filebeat.inputs"]:
        known = {"type", "id", "enabled", "include_matches.match", "paths", "prospector.scanner.symlinks", "parsers"}
        wrong(set(source) <= known and source["type"] in ("journald", "filestream"), f"filebeat.yml: {set(source) - known}")
        record = source["parsers"][-1]["ndjson"]
        same(record, {"target": "", "overwrite_keys": True, "expand_keys": True, "add_error_key": True}, f"how {source['id']} reads a line")


def recorded_lines(service, form):
    """What the service writes of every kind of request, and of a failure of its own."""
    with service.running(LOG_FORMAT=form, LOG_LEVEL="DEBUG") as (address, log):
        scopes = "clientes:read clientes:write pagos:read pagos:write"
        token = "Bearer " + service.command("token", "--sub", "deploy-check", "--scope", scopes, **AUTH)[1].strip()
        ask = lambda path, body=None, **headers: asked(address, f"/api/v1{path}", body, authorization=token, **headers)[0]
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        statuses = [
            ask("/clientes", {"nombre": "Ana Rojas", "email": "ana@example.com", "saldo": "1000.00"}),
            ask("/pagos", {"cliente_id": 1, "monto": "100.50"}, traceparent=trace, idempotency_key="k-1"),
            ask("/pagos", {"cliente_id": 1, "monto": "100.50"}, idempotency_key="k-1"),
            ask("/pagos", {"cliente_id": 1, "monto": "5000.00"}),
            ask("/pagos", {"cliente_id": 0, "monto": "1e2"}),
            ask("/pagos/1/anulacion", {}),
            ask("/clientes/1/recargas", {"monto": "7.30"}),
            ask("/pagos?limit=1"),
            ask("/nada"),
            asked(address, "/api/v1/pagos")[0],
            asked(address, "/health/ready")[0],
        ]
        same(statuses, [200, 200, 200, 400, 422, 200, 200, 200, 404, 401, 200], "the answers of the service")
        with sqlite3.connect(log.parent / "pagos.db", timeout=10) as database:
            database.execute("alter table pagos rename to perdidos")
        same(ask("/pagos?limit=1"), 500, "the answer of a broken service")
        # It is read to its end, which comes with the process.
        written = log.open()
    with written:
        return written.read().splitlines()


def taken_in(lines, pipeline, fields, where):
    """How many records an index takes, each after the pipeline."""
    dynamic = {}
    for line in lines:
        document = json.loads(line)
        try:
            ingest(document, pipeline["processors"])
        except ValueError as error:
            wrong(False, f"{where}: the pipeline fails: {error}: {line}")
        kept(document, fields, dynamic, line)
        if where == "json":
            same(at(document, "labels.correlation_id"), document["correlation_id"], line)
            verb = re.fullmatch(r"[A-Z]+", document.get("method", ""))
            same(at(document, "event.action"), None if verb else document.get("method"), line)
    wrong(len(lines) > 10 or where not in ("json", "ecs"), f"{where}: only {len(lines)} records")
    return len(lines)


def at(document, path):
    """The value there, as an ingest processor sees it: a dot is a step and never part of a name."""
    for name in path.split("."):
        document = document.get(name) if isinstance(document, dict) else None
    return document


def put(document, path, value):
    *way, last = path.split(".")
    for name in way:
        document = document.setdefault(name, {})
        if not isinstance(document, dict):
            raise ValueError(f"{path}: {name} is no object")
    document[last] = value


def ingest(document, processors):
    for processor in processors:
        [(kind, step)] = processor.items()
        unknown = set(step) - {"description", "field", "value", "copy_from", "override", "ignore_empty_value", "if"}
        if kind != "set" or unknown:
            raise ValueError(f"this interpreter does not know {kind} {sorted(unknown)}")
        if "if" in step and not holds(step["if"], document):
            continue
        value = at(document, step["copy_from"]) if "copy_from" in step else step["value"]
        empty = value in (None, "") and step.get("ignore_empty_value")
        taken = step.get("override") is False and at(document, step["field"]) is not None
        if not empty and not taken:
            put(document, step["field"], value)


def holds(condition, document):
    """`[..].contains(ctx.name)`, or its contrary: all that the pipeline asks in Painless."""
    read = re.fullmatch(r"(!?)\[((?:'\w+'(?:, )?)+)\]\.contains\(ctx\.([\w.]+)\)", condition)
    if not read:
        raise ValueError(f"this interpreter does not know {condition}")
    return (at(document, read[3]) in re.findall(r"'(\w+)'", read[2])) != bool(read[1])


def kept(value, fields, dynamic, line, path=""):
    """That the index keeps every value under the type that it has."""
    if isinstance(value, dict):
        wrong(not path or fields.get(path, "object") == "object", f"{path} is an object and mapped as {fields.get(path)}: {line}")
        for name, inner in value.items():
            kept(inner, fields, dynamic, line, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for inner in value:
            kept(inner, fields, dynamic, line, path)
    elif path in fields:
        wrong(coerces(value, fields[path]), f"{path}: {value!r} is no {fields[path]}: {line}")
    else:
        # Beside context nothing comes that the template does not name.
        wrong(path.startswith("context."), f"{path} is not mapped: {line}")
        known = dynamic.setdefault(path, type(value))
        wrong(known in (type(value), str), f"{path} is {type(value).__name__} and was {known.__name__}: {line}")


def coerces(value, kind):
    text = str(value)
    match kind:
        case "keyword" | "wildcard":
            return isinstance(value, (str, int, float))
        case "match_only_text":
            return isinstance(value, str)
        case "date":
            return bool(datetime.datetime.fromisoformat(value))
        case "long" | "short":
            return re.fullmatch(r"-?\d{1,18}", text) and (kind == "long" or abs(int(text)) < 2**15)
        case "double" | "scaled_float":
            return re.fullmatch(r"-?\d+(\.\d+)?", text)
    raise ValueError(f"this interpreter does not know the type {kind}")
