//! Where settings are read from, and what was wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use super::dotenv::{self, Fault};
use super::value::SettingValue;
use super::{Absence, ListedSetting, Settings, Source, Variable};

/// The variables of the process, over those of an `.env` file; notes every problem on the way.
///
/// ```
/// use standards_core::settings::Environment;
///
/// let mut environment = Environment::from_pairs([("PORT", "8000")]);
/// assert_eq!(environment.required::<u16>("PORT"), Some(8000));
/// assert_eq!(environment.get("HOST"), None);
/// ```
#[derive(Debug, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    /// Those of them that stand in the file alone.
    from_file: BTreeSet<String>,
    problems: Vec<Problem>,
}

/// What is wrong with a variable. Never holds its value.
///
/// ```
/// use standards_core::settings::Problem;
///
/// let problem = Problem { variable: "PORT".to_owned(), reason: "es obligatoria".to_owned() };
/// assert_eq!(problem.to_string(), "PORT: es obligatoria");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The variable's name.
    pub variable: String,
    /// What is wrong, in Spanish: it is read by whoever reads the log.
    pub reason: String,
}

/// All problems of an environment, in the order in which the variables are declared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Environment {
    /// The process's environment over the pairs of the file at `path`, which may be missing.
    ///
    /// The process's own variables win over the file's. The file is read as python-dotenv reads it (guideline section 1): comments after ` #`,
    /// quotes, `export`, and `$` as it stands; `${NAME}` outside single quotes is refused. What cannot be read is a problem, and so is each
    /// line that is none, by line and variable.
    ///
    /// ```
    /// use std::path::Path;
    /// use standards_core::settings::Environment;
    ///
    /// let environment = Environment::load(Path::new("no/such/.env"));
    /// assert_eq!(environment.get("A_VARIABLE_THAT_NOBODY_SETS"), None);
    /// ```
    #[must_use]
    pub fn load(path: &Path) -> Self {
        let mut environment = Self::default();
        environment.read_file(path);
        for (name, value) in std::env::vars_os() {
            // A name that is not UTF-8 is none of ours; a value that is not is noted when it is asked for.
            if let Ok(name) = name.into_string() {
                environment.from_file.remove(&name);
                environment.variables.insert(name, value.to_string_lossy().into_owned());
            }
        }
        environment
    }

    /// These pairs and no others; for tests, and for settings that come from elsewhere.
    #[must_use]
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let variables = pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { variables, ..Self::default() }
    }

    fn read_file(&mut self, path: &Path) {
        let name = path.display().to_string();
        match dotenv::read(path) {
            Ok(text) => self.take_pairs(&name, text.as_deref().unwrap_or_default()),
            Err(reason) => self.note(&name, reason),
        }
    }

    /// The file's pairs, the last one of a name; what is wrong with its lines is noted, and from some number on only counted.
    fn take_pairs(&mut self, file: &str, text: &str) {
        let mut faults = 0;
        for pair in dotenv::pairs(text) {
            match pair {
                Ok((name, value)) => {
                    self.from_file.insert(name.clone());
                    self.variables.insert(name, value);
                }
                Err(fault) => {
                    faults += 1;
                    if faults <= MAX_FAULTS {
                        self.note_fault(file, &fault);
                    }
                }
            }
        }
        if faults > MAX_FAULTS {
            self.note(file, format!("{} líneas más no se pueden leer", faults - MAX_FAULTS));
        }
    }

    /// By line, and by variable where the line tells one; what only may be a name may be part of a value.
    fn note_fault(&mut self, file: &str, fault: &Fault) {
        let Fault { line, reason, .. } = fault;
        match fault.name.as_deref().filter(|name| is_name(name)) {
            Some(name) => self.note(name, format!("la línea {line} de {file} {reason}")),
            None => self.note(file, format!("la línea {line} {reason}")),
        }
    }

    /// Reads a group of settings.
    ///
    /// # Errors
    ///
    /// All problems at once, of the `.env` file and of every variable in the group.
    pub fn settings<S: Settings>(mut self) -> Result<S, Problems> {
        match S::read(&mut self) {
            Some(settings) if self.problems.is_empty() => Ok(settings),
            _ => Err(Problems(self.problems)),
        }
    }

    /// The raw text of a variable.
    #[must_use]
    pub fn get(&self, variable: &str) -> Option<&str> {
        self.variables.get(variable).map(String::as_str)
    }

    /// Notes a problem: for rules that span several variables.
    ///
    /// ```
    /// use standards_core::settings::{Environment, Settings, Variable};
    ///
    /// #[derive(Debug)]
    /// struct Credentials;
    ///
    /// impl Settings for Credentials {
    ///     fn variables() -> Vec<Variable> {
    ///         Vec::new()
    ///     }
    ///
    ///     fn read(environment: &mut Environment) -> Option<Self> {
    ///         if environment.get("USER_NAME").is_some() != environment.get("USER_KEY").is_some() {
    ///             environment.note("USER_KEY", "va junto con USER_NAME");
    ///         }
    ///         Some(Self)
    ///     }
    /// }
    ///
    /// let problems = Environment::from_pairs([("USER_NAME", "ana")]).settings::<Credentials>().unwrap_err();
    /// assert_eq!(problems.to_string(), "USER_KEY: va junto con USER_NAME");
    /// ```
    pub fn note(&mut self, variable: &str, reason: impl Into<String>) {
        self.problems.push(Problem { variable: variable.to_owned(), reason: reason.into() });
    }

    /// Reads a variable that the service cannot do without.
    ///
    /// `None` where it is missing or unreadable, which is noted.
    ///
    /// ```
    /// use standards_core::settings::Environment;
    ///
    /// let mut environment = Environment::from_pairs([("PORT", "8000")]);
    /// assert_eq!(environment.required::<u16>("PORT"), Some(8000));
    /// assert_eq!(environment.required::<String>("QUEUE_NAME"), None);
    /// ```
    pub fn required<T: SettingValue>(&mut self, variable: &str) -> Option<T> {
        match self.variables.get(variable).cloned() {
            Some(text) => self.parse(variable, &text),
            None => {
                self.note(variable, "es obligatoria");
                None
            }
        }
    }

    /// Reads a variable, or `default` in its place.
    ///
    /// ```
    /// use standards_core::settings::Environment;
    ///
    /// assert_eq!(Environment::default().otherwise::<u16>("PORT", "8000"), Some(8000));
    /// ```
    pub fn otherwise<T: SettingValue>(&mut self, variable: &str, default: &str) -> Option<T> {
        let text = self.variables.get(variable).cloned();
        self.parse(variable, text.as_deref().unwrap_or(default))
    }

    /// Reads a variable that may be missing: `Some(None)` where it is.
    ///
    /// ```
    /// use standards_core::settings::Environment;
    ///
    /// let mut environment = Environment::from_pairs([("LIMIT", "x")]);
    /// assert_eq!(environment.optional::<u64>("OTHER"), Some(None));
    /// assert_eq!(environment.optional::<u64>("LIMIT"), None, "unreadable, and noted");
    /// ```
    pub fn optional<T: SettingValue>(&mut self, variable: &str) -> Option<Option<T>> {
        match self.variables.get(variable).cloned() {
            Some(text) => self.parse(variable, &text).map(Some),
            None => Some(None),
        }
    }

    fn parse<T: SettingValue>(&mut self, variable: &str, text: &str) -> Option<T> {
        let value = T::parse(text);
        if value.is_none() {
            self.note(variable, T::refusal(text));
        }
        value
    }

    #[doc(hidden)]
    #[must_use]
    pub fn is_secret<V: SettingValue, T: MaybeOptional<V>>() -> bool {
        V::SECRET
    }

    /// A variable as it may be shown to whoever operates the service: its value, and where that comes from.
    ///
    /// ```
    /// use standards_core::settings::{Environment, Secret, Settings, Source};
    ///
    /// standards_core::settings! {
    ///     /// Where the queue is.
    ///     pub struct QueueSettings {
    ///         /// Port of the queue.
    ///         port: u16 = "QUEUE_PORT", otherwise "5672";
    ///         /// Who we are there.
    ///         token: Secret = "QUEUE_TOKEN", required;
    ///     }
    /// }
    ///
    /// let environment = Environment::from_pairs([("QUEUE_TOKEN", "abc")]);
    /// let listed: Vec<_> = QueueSettings::variables().iter().map(|variable| environment.listed(variable)).collect();
    /// assert_eq!((listed[0].value.as_deref(), listed[0].source), (Some("5672"), Source::Default));
    /// assert_eq!((listed[1].value.as_deref(), listed[1].source), (None, Source::Environment));
    /// ```
    #[must_use]
    pub fn listed(&self, variable: &Variable) -> ListedSetting {
        let (source, text) = match (self.get(variable.name), variable.absence) {
            (Some(text), _) if self.from_file.contains(variable.name) => (Source::File, Some(text)),
            (Some(text), _) => (Source::Environment, Some(text)),
            (None, Absence::Default(default)) => (Source::Default, Some(default)),
            (None, _) => (Source::Default, None),
        };
        ListedSetting { name: variable.name, value: text.filter(|_| !variable.secret).map(str::to_owned), source }
    }

    /// The text of a variable as it may be printed (`config check`); `None` where it is not set. A secret's is covered, whatever it is.
    ///
    /// ```
    /// use standards_core::settings::{Environment, Secret, Settings};
    ///
    /// standards_core::settings! {
    ///     /// Where the queue is.
    ///     pub struct QueueSettings {
    ///         /// Name of the queue.
    ///         name: String = "QUEUE_NAME", required;
    ///         /// Who we are there.
    ///         token: Secret = "QUEUE_TOKEN", required;
    ///     }
    /// }
    ///
    /// let environment = Environment::from_pairs([("QUEUE_NAME", "pagos"), ("QUEUE_TOKEN", "abc")]);
    /// let shown: Vec<_> = QueueSettings::variables().iter().map(|variable| environment.shown(variable)).collect();
    /// assert_eq!(shown, [Some("pagos".to_owned()), Some("••••".to_owned())]);
    /// ```
    #[must_use]
    pub fn shown(&self, variable: &Variable) -> Option<String> {
        let covered = |text: &str| if variable.secret { "••••".to_owned() } else { text.to_owned() };
        self.get(variable.name).map(covered)
    }
}

/// How many lines of a file are told one by one.
const MAX_FAULTS: usize = 20;

/// What a shell takes for a variable's name.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    name.len() <= 64 && name.bytes().all(plain) && !name.starts_with(|first: char| first.is_ascii_digit())
}

/// `T` itself, or an `Option` of it.
#[doc(hidden)]
pub trait MaybeOptional<T> {}

impl<T: SettingValue> MaybeOptional<T> for T {}
impl<T: SettingValue> MaybeOptional<T> for Option<T> {}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.reason)
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "; " })?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

#[cfg(test)]
mod tests {
    use super::super::{AppEnv, Secret};
    use super::*;

    crate::settings! {
        /// For the tests.
        struct Sample {
            /// Where it runs.
            app_env: AppEnv = "APP_ENV", otherwise "development";
            /// A port.
            port: u16 = "PORT", otherwise "8000";
            /// A key.
            key: Secret = "KEY", required;
            /// Another key.
            spare: Option<Secret> = "SPARE", optional;
        }
    }

    fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Sample, Problems> {
        Environment::from_pairs(pairs).settings()
    }

    #[test]
    fn defaults_stand_in_for_what_is_missing() {
        let sample = read([("KEY", "k")]).unwrap();
        assert_eq!(
            (sample.app_env, sample.port, sample.key.expose(), sample.spare.is_none()),
            (AppEnv::Development, 8000, "k", true)
        );
    }

    #[test]
    fn every_problem_is_reported_at_once_and_no_value() {
        let problems = read([("PORT", "70000"), ("APP_ENV", "secreto"), ("SPARE", "")]).unwrap_err();
        assert_eq!(
            problems.to_string(),
            "APP_ENV: debe ser development, staging o production; PORT: debe ser un entero de 0 a 65535; \
             KEY: es obligatoria; SPARE: debe ser un texto no vacío"
        );
    }

    #[test]
    fn a_group_describes_itself() {
        let variables = Sample::variables();
        let names: Vec<_> = variables.iter().map(|variable| (variable.name, variable.absence, variable.secret)).collect();
        let expected = [
            ("APP_ENV", Absence::Default("development"), false),
            ("PORT", Absence::Default("8000"), false),
            ("KEY", Absence::Required, true),
            ("SPARE", Absence::Optional, true),
        ];
        assert_eq!(names, expected);
        assert_eq!(variables[0].description, "Where it runs.");
    }

    #[test]
    fn secrets_are_covered_where_values_are_shown() {
        let environment = Environment::from_pairs([("KEY", "k"), ("PORT", "1")]);
        let shown: Vec<_> = Sample::variables().iter().map(|variable| environment.shown(variable)).collect();
        assert_eq!(shown, [None, Some("1".into()), Some("••••".into()), None]);
    }

    #[test]
    fn a_file_stands_below_the_process() {
        let path = std::env::temp_dir().join(format!("standards-settings-{}", std::process::id()));
        std::fs::write(&path, "KEY=from_file\nPATH=from_file\nnot a pair\n").unwrap();
        let environment = Environment::load(&path);
        std::fs::remove_file(&path).unwrap();
        assert_eq!(environment.get("KEY"), Some("from_file"));
        assert!(environment.from_file.contains("KEY") && !environment.from_file.contains("PATH"));
        assert_ne!(environment.get("PATH"), Some("from_file"));
        let file = path.display().to_string();
        assert_eq!(environment.problems, [Problem { variable: file, reason: "la línea 3 no es NOMBRE=valor".to_owned() }]);
    }

    #[test]
    fn bad_lines_are_told_by_line_and_variable_and_bounded() {
        let mut environment = Environment::default();
        let bad = format!("A=1\nKEY=\"s3cr3t\nMIIEs3cr3t/+==\" x\nTOKEN=a${{s3cr3t}}\n{}", "s3cr3t s3cr3t=1\n".repeat(100_000));
        environment.take_pairs(".env", &bad);
        let told = Problems(environment.problems).to_string();
        let start = "KEY: la línea 2 de .env tiene texto tras la comilla que cierra; TOKEN: la línea 4 de .env tiene ${...}, ";
        assert!(
            told.starts_with(start)
                && told.ends_with("; .env: la línea 22 no es NOMBRE=valor; .env: 99982 líneas más no se pueden leer"),
            "{told}"
        );
        assert!(!told.contains("s3cr3t") && told.len() < 2_000, "{told}");
        assert_eq!(environment.variables.get("A").map(String::as_str), Some("1"));
    }

    #[test]
    fn a_missing_file_is_no_problem() {
        assert!(Environment::load(Path::new("/nowhere/.env")).problems.is_empty());
    }
}
