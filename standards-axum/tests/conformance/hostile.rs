//! Targets, services and files that are not what they should be: a sentence and a status, in time.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::checker::{checker, profile, shown};
use crate::watching;

/// A test: its name, and what it does.
type Test = (String, Box<dyn Fn() -> Result<(), String> + Send + Sync>);

/// What must be over soon.
const SOON: Duration = Duration::from_secs(25);

pub(crate) fn tests() -> Vec<Test> {
    let mut tests: Vec<Test> = Vec::new();
    let mut add = |name: &str, test: fn() -> Result<(), String>| tests.push((name.to_owned(), Box::new(test)));
    add("hostile_targets_end_with_status_2_or_1", targets);
    add("a_service_that_dies_is_told", || spawned("echo adios; exit 3", 2, "adios"));
    add("a_service_that_never_answers_is_ended", || spawned("sleep 1000", 2, "/health/ready"));
    add("a_service_that_ignores_sigterm_is_killed_with_its_children", stubborn);
    add("an_interrupted_run_ends_its_service", interrupted);
    add("a_service_that_fills_its_pipe_does_not_wait", || spawned("head -c 30000000 /dev/zero; sleep 1000", 2, "/health/ready"));
    add("wrong_command_lines_end_with_status_2", command_lines);
    add("the_log_alone_is_judged", logs);
    add("a_recorded_session_is_judged", sessions);
    add("a_target_that_speaks_tls_is_told", tls);
    add("what_passes_is_judged_and_not_changed", watching::judges_what_passes);
    add("a_watch_that_cannot_be_is_told", watching::refuses);
    add("a_first_profile_is_one", first_profile);
    add("a_dry_run_sends_nothing", dry_run);
    add("control_characters_never_reach_the_terminal", control_characters);
    add("waivers_and_baseline_excuse_what_they_name", excuses);
    tests
}

/// The checker's end, which must be soon.
fn ended(arguments: &[&str]) -> Result<Output, String> {
    let begun = Instant::now();
    let output = checker(arguments).env("SABOTAGE", "none").output().unwrap();
    if begun.elapsed() < SOON { Ok(output) } else { Err(format!("{arguments:?}: {:?}", begun.elapsed())) }
}

pub(crate) fn expect(output: &Output, status: i32, told: &str) -> Result<(), String> {
    let text = shown(output);
    let right = output.status.code() == Some(status) && text.contains(told) && !text.contains("panicked");
    if right { Ok(()) } else { Err(format!("wanted {status} and {told:?}, found {:?}: {text}", output.status.code())) }
}

/// A server that sends the same to whoever comes, until the test is over.
pub(crate) fn server(answer: &'static [u8], endless: bool) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let _ = stream.read(&mut [0; 4096]);
                while stream.write_all(answer).is_ok() && endless {}
            });
        }
    });
    format!("http://{address}")
}

fn targets() -> Result<(), String> {
    let garbage = server(b"\x16\x03\x01\x00\x00 SSH-2.0-nada\r\n\r\n", false);
    let html = server(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\n\r\n<h1>", false);
    let moved = server(b"HTTP/1.1 302 Found\r\nLocation: http://example.com/\r\nContent-Length: 0\r\n\r\n", false);
    let silent = server(b"", false);
    let endless_head = server(b"HTTP/1.1 200 OK\r\nX-A: ", true);
    let endless = server(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n", true);
    // What answers HTTP is judged, what does not cannot be.
    for (url, status) in [(&garbage, 2), (&silent, 2), (&endless_head, 2), (&html, 1), (&moved, 1)] {
        expect(&ended(&["run", "--url", url, "--timeout", "8"])?, status, "")?;
    }
    expect(&ended(&["run", "--url", "http://127.0.0.1:9", "--timeout", "8"])?, 2, "No se pudo hablar HTTP")?;
    expect(&ended(&["run", "--url", &endless, "--timeout", "8"])?, 1, "NO CONFORME")
}

fn spawned(command: &str, status: i32, told: &str) -> Result<(), String> {
    expect(&ended(&["run", "--spawn", command, "--timeout", "3"])?, status, told)
}

fn stubborn() -> Result<(), String> {
    let mark = format!("{}.5", 100_000 + std::process::id());
    let command = format!("trap '' TERM; (trap '' TERM; sleep {mark}) & setsid sleep {mark} & sleep {mark}");
    expect(&ended(&["run", "--spawn", &command, "--timeout", "2"])?, 2, "/health/ready")?;
    nobody_left(&mark)
}

/// How many sleep for so long.
fn sleepers(mark: &str) -> usize {
    let listed = Command::new("ps").args(["-eo", "args"]).output().unwrap();
    String::from_utf8_lossy(&listed.stdout).lines().filter(|line| line.starts_with("sleep") && line.contains(mark)).count()
}

fn nobody_left(mark: &str) -> Result<(), String> {
    match sleepers(mark) {
        0 => Ok(()),
        left => Err(format!("{left} processes are left")),
    }
}

fn interrupted() -> Result<(), String> {
    let mark = format!("{}.7", 100_000 + std::process::id());
    let mut run = checker(&["run", "--spawn", &format!("setsid sleep {mark} & sleep {mark}")]).spawn().unwrap();
    let begun = Instant::now();
    while sleepers(&mark) < 2 {
        assert!(begun.elapsed() < SOON);
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(Command::new("kill").arg(run.id().to_string()).status().unwrap().success());
    let status = run.wait().unwrap();
    nobody_left(&mark)?;
    if status.code() == Some(2) { Ok(()) } else { Err(status.to_string()) }
}

#[expect(clippy::too_many_lines, reason = "a table of command lines")]
fn command_lines() -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name).display().to_string();
        std::fs::write(&path, text).unwrap();
        path
    };
    let unknown_key = file("a.toml", "schema = 1\nclave = 2");
    let binary = file("b.toml", "schema = 1\nname = \"\u{1b}[31m${NADA_DE_ESO}\"");
    let waivers = file("w.toml", "[[waiver]]\nrule = \"API-99\"\nreason = \"false-positive\"\ndetail = \"x\"\nowner = \"x\"\n");
    let over = file(
        "o.toml",
        "[[waiver]]\nrule = \"API-01\"\nreason = \"false-positive\"\ndetail = \"x\"\nowner = \"x\"\nexpires = 2001-01-01\n",
    );
    let url = ["run", "--url", "http://127.0.0.1:9"];
    let lines: [(&[&str], &str); 17] = [
        (&["run"], "--url"),
        (&["run", "--url", "https://127.0.0.1"], "TLS"),
        (&["run", "--url", "http://192.0.2.1"], "--allow-target"),
        (&[&url[..], &["--profile", &unknown_key]].concat(), "clave"),
        (&[&url[..], &["--profile", &binary]].concat(), "NADA_DE_ESO"),
        (&[&url[..], &["--profile", "/no/hay"]].concat(), "/no/hay"),
        (&[&url[..], &["--only", "LOG-99"]].concat(), "LOG-99"),
        (&[&url[..], &["--report", "pdf=x"]].concat(), "pdf"),
        (&[&url[..], &["--report", "json=/no/hay/x.json"]].concat(), "/no/hay"),
        (&[&url[..], &["--header", "sin valor"]].concat(), "--header"),
        (&[&url[..], &["--evidence", "pdf=x"]].concat(), "pdf"),
        (&[&url[..], &["--evidence", "lcov=/no/hay"]].concat(), "/no/hay"),
        (&[&url[..], &["--evidence", "sources=/no/hay"]].concat(), "[layers]"),
        (&[&url[..], &["--command", "API-01=true"]].concat(), "API-01"),
        (&["badge", "/no/hay.json"], "/no/hay"),
        (&["waivers", "lint", &waivers], "API-99"),
        (&["waivers", "lint", &over], "2001-01-01"),
    ];
    lines.iter().try_for_each(|(arguments, told)| expect(&ended(arguments)?, 2, told))
}

fn logs() -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good"), folder.path().join("bad"));
    let record = r#"{"@timestamp":"2025-07-04T10:30:45.123Z","level":"INFO","artifact":"a","version":"1","correlation_id":"x","message":"m"}"#;
    std::fs::write(&good, format!("{record}\n{record}\n")).unwrap();
    std::fs::write(&bad, [record.as_bytes(), b"\n\xff\x1b[31mtexto\n", &vec![b'x'; 10 << 20]].concat()).unwrap();
    expect(&ended(&["logs", good.to_str().unwrap()])?, 0, "INCOMPLETO")?;
    expect(&ended(&["logs", bad.to_str().unwrap()])?, 1, "NO CONFORME")?;
    std::fs::write(&good, "").unwrap();
    expect(&ended(&["logs", good.to_str().unwrap()])?, 2, "no tiene líneas")
}

/// What answers plain HTTP by an alert of TLS, as a TLS listener does, and an address that says so.
fn tls() -> Result<(), String> {
    let alert = server(b"\x15\x03\x01\x00\x02\x02\x46", false);
    expect(&ended(&["run", "--url", &alert, "--timeout", "8"])?, 2, "No se pudo hablar HTTP")?;
    expect(&ended(&["run", "--url", "https://127.0.0.1:9"])?, 2, "no habla TLS")
}

#[expect(clippy::too_many_lines, reason = "a table of sessions")]
fn sessions() -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name).display().to_string();
        std::fs::write(&path, text).unwrap();
        path
    };
    let entry = |body: &str| {
        let head = r#""headers":[{"name":"Content-Type","value":"application/json"},{"name":"X-Correlation-ID","value":"a-1"}]"#;
        let asked =
            r#""headers":[{"name":"X-Correlation-ID","value":"a-1"},{"name":"Authorization","value":"Bearer secreto-123"}]"#;
        format!(
            "{{\"log\":{{\"entries\":[{{\"request\":{{\"method\":\"GET\",\"url\":\"http://a/api/v1/x\",{asked}}},\
              \"response\":{{\"status\":200,{head},\"content\":{{\"size\":9,\"text\":{body:?}}}}}}}]}}}}"
        )
    };
    let good = entry(r#"{"success":true,"data":1,"errors":[]}"#);
    let output = ended(&["har", &file("good.har", &good)])?;
    expect(&output, 0, "INCOMPLETO")?;
    let bad = ended(&["har", &file("bad.har", &entry(r#"{"detail":1}"#))])?;
    expect(&bad, 1, "Authorization: ***")?;
    if shown(&bad).contains("secreto-123") {
        return Err(shown(&bad));
    }
    for (text, told) in [(&good[..80], "truncado"), ("<html>", "no es JSON"), ("{\"log\":{\"entries\":[]}}", "no trae entradas")]
    {
        expect(&ended(&["har", &file("x.har", text)])?, 2, told)?;
    }
    expect(&ended(&["har", &file("good.har", &good), "--host", "b"])?, 2, "--host")?;
    expect(&ended(&["har", "/no/hay.har"])?, 2, "/no/hay.har")
}

/// What `init` prints is a profile, whatever the names in the document.
fn first_profile() -> Result<(), String> {
    let url = server(
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"openapi\":\"3.1.0\",\"paths\":{\"/li\\\"bros\":{\
          \"get\":{\"parameters\":[{\"name\":\"n\",\"in\":\"query\",\"schema\":{\"type\":\"integer\"}}]},\"post\":{\"requestBody\":{\"content\":\
          {\"application/json\":{\"schema\":{\"required\":[\"a\\u001bb\"]}}}}}}}}",
        false,
    );
    let output = ended(&["init", "--url", &url])?;
    expect(&output, 0, "[[parameter]]")?;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), &output.stdout).unwrap();
    expect(&ended(&["run", "--url", &url, "--profile", file.path().to_str().unwrap(), "--dry-run"])?, 0, "API-01")?;
    expect(&ended(&["init", "--url", &server(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", false)])?, 2, "OpenAPI")
}

fn dry_run() -> Result<(), String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    expect(&ended(&["run", "--url", &url, "--profile", &profile(), "--dry-run"])?, 0, "DB-01")?;
    expect(&ended(&["run", "--url", &url, "--profile", &profile(), "--dry-run", "--safe"])?, 0, "GET")?;
    if listener.accept().is_err() { Ok(()) } else { Err("somebody came".to_owned()) }
}

fn control_characters() -> Result<(), String> {
    let url = server(
        b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 14\r\n\r\n\x1b[31m\x07<b>&\xff\xfe  ",
        false,
    );
    let folder = tempfile::tempdir().unwrap();
    let html = folder.path().join("r.html");
    let output = ended(&["run", "--url", &url, "--report", &format!("html={}", html.display())])?;
    let page = std::fs::read_to_string(&html).unwrap();
    let acts = |text: &str| text.chars().any(|c| c.is_control() && c != '\n');
    if acts(&shown(&output)) || acts(&page) || page.contains("<b>&") || !page.contains("&lt;b&gt;&amp;") {
        return Err(shown(&output));
    }
    expect(&output, 1, "\\u{1b}[31m")
}

fn excuses() -> Result<(), String> {
    let url = server(b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno", false);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (waivers, baseline) = (path("w.toml"), path("b.json"));
    std::fs::write(
        &waivers,
        "[[waiver]]\nrule = \"ERR-03\"\nreason = \"legacy-client\"\ndetail = \"x\"\nowner = \"yo\"\nexpires = 2999-01-01\n",
    )
    .unwrap();
    expect(&ended(&["run", "--url", &url, "--only", "ERR-03"])?, 1, "NO CONFORME")?;
    expect(&ended(&["run", "--url", &url, "--only", "ERR-03", "--waivers", &waivers])?, 0, "cliente antiguo")?;
    expect(&ended(&["run", "--url", &url, "--only", "ERR-03", "--baseline", &baseline])?, 0, "línea base")?;
    expect(&ended(&["run", "--url", &url, "--only", "ERR-03,API-02", "--baseline", &baseline])?, 1, "NO CONFORME")
}
