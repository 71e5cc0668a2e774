//! A new service is whole or not there; what a team wrote is never lost, whatever the template becomes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::base::FILE;
use super::folder::create;
use super::merge::merge;
use super::template::home;
use super::{Base, Name, Outcome, plan};

fn base(files: &[(&str, &str)]) -> Base {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    Base { version: "0.1.0".to_owned(), name: "ms-a".to_owned(), standards: "/no".to_owned(), files }
}

fn read(folder: &Path, path: &str) -> String {
    fs::read_to_string(folder.join(path)).unwrap()
}

/// The outcomes of an upgrade that was written, by file.
fn upgraded(folder: &Path, new: &Base) -> BTreeMap<String, Outcome> {
    let upgrade = plan(folder, &Base::read(folder).unwrap(), new.clone()).unwrap();
    upgrade.write(folder).unwrap();
    upgrade.files.into_iter().map(|(path, outcome, _)| (path, outcome)).collect()
}

#[test]
fn a_new_service_has_every_file_and_its_own_name() {
    let directory = tempfile::tempdir().unwrap();
    let (folder, home) = (directory.path().join("ms-tarifas"), home(None).unwrap());
    create(&folder, &Base::new(&Name::parse("ms-tarifas").unwrap(), home.to_str().unwrap())).unwrap();
    for text in Base::read(&folder).unwrap().files.values() {
        assert!(!text.contains("plantilla") && !text.contains("RUTA") && !text.contains("<!-- rules"), "{text}");
    }
    assert!(read(&folder, "AGENTS.md").contains("\n- ERR-03: ") && folder.join("Cargo.lock").is_file());
    assert_eq!(fs::metadata(folder.join(".ci/run")).unwrap().permissions().mode() & 0o777, 0o755);
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "no draft is left");
}

#[test]
fn what_is_there_is_refused_and_stays_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let (file, full, link) = (directory.path().join("file"), directory.path().join("full"), directory.path().join("link"));
    fs::write(&file, "mine").unwrap();
    fs::create_dir(&full).unwrap();
    fs::write(full.join("a"), "mine").unwrap();
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    for folder in [&file, &full, &link] {
        assert!(create(folder, &base(&[("a", "theirs")])).unwrap_err().es.ends_with("ya existe y no está vacía"));
    }
    assert_eq!((fs::read_to_string(file).unwrap().as_str(), read(&full, "a").as_str()), ("mine", "mine"));
    assert!(create(&directory.path().join("no/such"), &base(&[])).unwrap_err().es.starts_with("No se pudo escribir"));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3, "nothing was written");
}

#[test]
fn an_empty_folder_is_taken() {
    let directory = tempfile::tempdir().unwrap();
    create(directory.path(), &base(&[("a/b", "x\n")])).unwrap();
    assert_eq!(read(directory.path(), "a/b"), "x\n");
}

const WAS: &str = "one\ntwo\nthree\nfour\nfive\n";

/// A service of these files, changed by its team.
fn changed() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("s");
    create(&folder, &base(&["ours", "theirs", "both", "clash", "gone", "left", "kept"].map(|path| (path, WAS)))).unwrap();
    for path in ["ours", "clash", "kept", "own"] {
        fs::write(folder.join(path), "mine\n").unwrap();
    }
    fs::write(folder.join("both"), "one\ntwo\nthree\nfour\nmine\n").unwrap();
    fs::remove_file(folder.join("gone")).unwrap();
    (directory, folder)
}

/// The same as a newer template has it.
fn newer() -> Base {
    let both = "new\ntwo\nthree\nfour\nfive\n";
    let new = ["theirs", "clash", "gone", "own", "added"].map(|path| (path, "new\n"));
    base(&[new.as_slice(), &[("ours", WAS), ("both", both)]].concat())
}

#[test]
fn each_file_becomes_what_both_sides_made_of_it() {
    let (_directory, folder) = changed();
    let outcomes = upgraded(&folder, &newer());
    for (path, outcome) in [
        ("added", Outcome::Added),
        ("both", Outcome::Merged),
        ("clash", Outcome::Conflict),
        ("gone", Outcome::Deleted),
        ("kept", Outcome::Kept),
        ("left", Outcome::Removed),
        ("ours", Outcome::Kept),
        ("own", Outcome::Own),
        ("theirs", Outcome::Replaced),
    ] {
        assert_eq!(outcomes[path], outcome, "{path}");
    }
    assert_eq!(outcomes.len(), 9);
}

#[test]
fn what_both_sides_wrote_is_there_afterwards() {
    let (_directory, folder) = changed();
    upgraded(&folder, &newer());
    assert_eq!(read(&folder, "both"), "new\ntwo\nthree\nfour\nmine\n");
    assert_eq!(read(&folder, "clash"), "<<<<<<< ours\nmine\n=======\nnew\n>>>>>>> theirs\n");
    assert_eq!((read(&folder, "own").as_str(), read(&folder, "theirs").as_str()), ("mine\n", "new\n"));
    assert!(!folder.join("gone").exists() && !folder.join("left").exists());
}

#[test]
fn a_conflict_of_before_stops_everything_until_it_is_resolved() {
    let (_directory, folder) = changed();
    upgraded(&folder, &newer());
    let again = plan(&folder, &Base::read(&folder).unwrap(), newer()).unwrap_err();
    assert_eq!(again.en, "clash has a conflict of before (<<<<<<<): resolve it first");
    fs::write(folder.join("clash"), "mine\n").unwrap();
    let quiet = [Outcome::Same, Outcome::Kept, Outcome::Deleted, Outcome::Own];
    let again = upgraded(&folder, &newer());
    assert!(again.values().all(|outcome| quiet.contains(outcome)), "{again:?}");
}

#[test]
fn a_folder_that_was_not_made_so_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let told = |text: &str| {
        fs::create_dir_all(directory.path().join(".standards")).unwrap();
        fs::write(directory.path().join(FILE), text).unwrap();
        Base::read(directory.path()).unwrap_err().en
    };
    assert!(Base::read(directory.path()).unwrap_err().en.contains("is no service made by standards-check new"));
    assert!(told("{}").contains("cannot be read"));
    assert!(told(&base(&[("../outside", "x")]).to_text()).contains("cannot be read"));
    assert!(told(&base(&[("/etc/x", "x")]).to_text()).contains("cannot be read"));
    for version in ["99.0.0", "0.1", "x", ""] {
        let newer = Base { version: version.to_owned(), ..base(&[]) };
        assert!(told(&newer.to_text()).contains("use a newer one"), "{version}");
    }
}

#[test]
fn a_text_that_is_none_stops_everything() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("s");
    create(&folder, &base(&[("a", "x\n"), ("b", "x\n")])).unwrap();
    fs::write(folder.join("b"), [0xff, 0xfe]).unwrap();
    let refused = plan(&folder, &Base::read(&folder).unwrap(), base(&[("a", "y\n"), ("b", "y\n")])).unwrap_err();
    assert!(refused.en.starts_with("b cannot be read"), "{}", refused.en);
    assert_eq!(read(&folder, "a"), "x\n");
}

#[test]
fn line_ends_of_windows_stay() {
    let (outcome, text) = merge(Some("a\nb\nc\nd\n"), Some("a\r\nb\r\nc\r\nmine\r\n"), Some("new\nb\nc\nd\n"));
    assert_eq!((outcome, text.as_deref()), (Outcome::Merged, Some("new\r\nb\r\nc\r\nmine\r\n")));
    assert_eq!(merge(Some("a\n"), Some("a\r\n"), Some("b\n")).1.as_deref(), Some("b\r\n"));
    assert_eq!(merge(Some("a\n"), Some("a\r\n"), Some("a\n")), (Outcome::Same, None));
}

/// A text of lines of which some were taken away, and others, which stand nowhere else, put in.
fn edited(base: &[u8], edits: &[(usize, bool)], mark: char) -> (String, Vec<String>) {
    let mut lines: Vec<String> = base.iter().map(|line| format!("{line}\n")).collect();
    let mut added = Vec::new();
    for (number, (at, takes_away)) in edits.iter().enumerate() {
        let at = at % (lines.len() + 1);
        if *takes_away && at < lines.len() {
            lines.remove(at);
        } else {
            let line = format!("{mark}{number}\n");
            lines.insert(at, line.clone());
            added.push(line);
        }
    }
    added.retain(|line| lines.contains(line));
    (lines.concat(), added)
}

fn edits() -> impl Strategy<Value = Vec<(usize, bool)>> {
    prop::collection::vec((0..40_usize, any::<bool>()), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn nothing_that_either_side_wrote_is_lost(base in prop::collection::vec(0..6_u8, 0..30), ours in edits(), theirs in edits()) {
        let text: String = base.iter().map(|line| format!("{line}\n")).collect();
        let ((ours, mine), (theirs, new)) = (edited(&base, &ours, 'o'), edited(&base, &theirs, 't'));
        let (outcome, merged) = merge(Some(&text), Some(&ours), Some(&theirs));
        let result = merged.unwrap_or_else(|| ours.clone());
        for line in mine.iter().chain(&new) {
            prop_assert!(result.split_inclusive('\n').any(|found| found == line), "{line:?} {outcome:?}\n{result}");
        }
        if theirs == text {
            prop_assert_eq!(&result, &ours);
        }
        if ours == text {
            prop_assert_eq!(&result, &theirs);
        }
        prop_assert_eq!(outcome == Outcome::Conflict, result.contains("<<<<<<< "));
    }
}
