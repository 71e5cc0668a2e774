//! What each line means; the right column is what python-dotenv 1.2.4 makes of it.

use std::io::{self, Cursor};

use super::*;

/// The pairs of a text without a fault.
#[track_caller]
fn read_all(text: &str) -> Vec<(String, String)> {
    pairs(text).collect::<Result<_, _>>().unwrap_or_else(|fault| panic!("{fault:?} in {text:?}"))
}

const VALUES: &[(&str, &str)] = &[
    ("A=b", "b"),
    ("  A = b  ", "b"),
    ("export A=b", "b"),
    ("export\t A=b", "b"),
    ("'A'=b", "b"),
    ("\u{feff}A=b", "b"),
    ("A=b\r\n", "b"),
    ("A=b\r", "b"),
    ("A=", ""),
    ("A= # c", ""),
    ("A=#c", "#c"),
    ("A=b#c", "b#c"),
    ("A=b #c", "b"),
    ("A=b\t# c # d", "b"),
    ("A=b\u{a0}#c", "b"),
    ("A=b  c d", "b  c d"),
    ("A=\u{a0}b\u{a0}", "b"),
    ("A='b c'", "b c"),
    ("A=\"b c\"", "b c"),
    ("A ='b' # c", "b"),
    ("A=\"b\"#c", "b"),
    ("A=\" b # c \"", " b # c "),
    ("A=''", ""),
    (r#"A="b\nc""#, "b\nc"),
    (r"A='b\nc'", r"b\nc"),
    (r"A=b\nc\", r"b\nc\"),
    (r"A='it\'s'", "it's"),
    (r#"A="a\"b\\""#, r#"a"b\"#),
    (r#"A="\u0041\t\x\$b""#, "\\u0041\t\\x\\$b"),
    ("A=\"b\nc\r\nd\"", "b\nc\r\nd"),
    ("A='b\nc'", "b\nc"),
    (r#"A=["a","b"]"#, r#"["a","b"]"#),
    (r#"A=["https://a.cl", "b"] # x"#, r#"["https://a.cl", "b"]"#),
    (r#"A={"a": "b # c"}"#, r#"{"a": "b"#),
    ("A=a$b$", "a$b$"),
    ("A=$B", "$B"),
    ("A=pa$$w0rd$(x)", "pa$$w0rd$(x)"),
    ("A=${B", "${B"),
    ("A=\"$B\"", "$B"),
    ("A='$B'", "$B"),
    ("A=a=b==", "a=b=="),
    ("A=b;C=d", "b;C=d"),
    ("A=`b`", "`b`"),
    ("A=ñ", "ñ"),
    ("A=b\x0bc", "b\x0bc"),
];

#[test]
fn a_value_is_what_python_dotenv_reads() {
    for (text, value) in VALUES {
        assert_eq!(read_all(text), [("A".to_owned(), (*value).to_owned())], "{text:?}");
    }
}

#[test]
fn a_file_is_its_pairs() {
    let text = "# A=0\n\n A=1\r\nB.C-D=2\rexport=3 # x\n\n1É='4'\n   # end\nA=5";
    let expected = [("A", "1"), ("B.C-D", "2"), ("export", "3"), ("1É", "4"), ("A", "5")];
    assert_eq!(read_all(text), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(read_all("").is_empty() && read_all("\u{feff}").is_empty() && read_all("# a\r\n\r\n").is_empty());
}

const FAULTS: &[(&str, Option<&str>, &str)] = &[
    ("=b", None, NO_PAIR),
    ("A B=1", None, NO_PAIR),
    ("A: b", None, NO_PAIR),
    ("A", None, NO_PAIR),
    ("export A", None, NO_PAIR),
    ("export =b", None, NO_PAIR),
    ("'A=1", None, NO_PAIR),
    ("''=1", None, NO_PAIR),
    ("A='b", Some("A"), OPEN),
    ("A='b\\'", Some("A"), OPEN),
    ("A=\"b\" c", Some("A"), AFTER_QUOTE),
    ("A='b'c", Some("A"), AFTER_QUOTE),
    ("A=\"b\"\"c\"", Some("A"), AFTER_QUOTE),
    ("A=x${B}y", Some("A"), REPLACED),
    ("A=\"${B:-c}\"", Some("A"), REPLACED),
];

#[test]
fn a_faulty_line_is_named_and_the_next_one_read() {
    for &(text, name, reason) in FAULTS {
        let read: Vec<_> = pairs(&format!("\r\n#\n{text}\nZ=1")).collect();
        let fault = Fault { line: 3, name: name.map(str::to_owned), reason };
        assert_eq!(read, [Err(fault), Ok(("Z".to_owned(), "1".to_owned()))], "{text:?}");
    }
    assert_eq!(read_all("A='${B}'"), [("A".to_owned(), "${B}".to_owned())]);
}

#[test]
fn lines_are_counted_inside_values_too() {
    let read: Vec<_> = pairs("A='1\n2\r\n3'\rB=\"\n\"\n?").collect();
    assert_eq!(read.last(), Some(&Err(Fault { line: 6, name: None, reason: NO_PAIR })));
}

/// Gives some bytes, and then only errors.
struct Broken(usize);

impl Read for Broken {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::Error::other("sin disco"));
        }
        let length = self.0.min(buffer.len());
        buffer[..length].fill(b'A');
        self.0 -= length;
        Ok(length)
    }
}

#[test]
fn what_cannot_be_read_is_named_and_bounded() {
    assert_eq!(text_of(Broken(100)), Err("no se puede leer: sin disco".to_owned()));
    assert_eq!(text_of(io::repeat(b'A')), Err("tiene más de 1048576 bytes".to_owned()));
    assert_eq!(text_of(Cursor::new(vec![b'A'; 1 << 20])).map(|text| text.len()), Ok(1 << 20));
    assert_eq!(text_of(&b"A=1\nB=\xff"[..]), Err("no es UTF-8 en la línea 2".to_owned()));
}

#[test]
fn what_is_no_file_is_not_opened() {
    let folder = std::env::temp_dir().join(format!("standards-dotenv-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    assert_eq!(read(&folder), Err("es un directorio".to_owned()));
    assert_eq!(read(&folder.join("none")), Ok(None));
    #[cfg(unix)]
    {
        let pipe = folder.join("pipe");
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        for path in [pipe.as_path(), Path::new("/dev/zero")] {
            assert_eq!(read(path), Err("no es un archivo".to_owned()), "{}", path.display());
        }
        fs::remove_file(pipe).unwrap();
    }
    fs::remove_dir(folder).unwrap();
}
