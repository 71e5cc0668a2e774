//! The macro that declares a group of settings.

/// Declares a struct whose fields are read from the environment; see [`settings`](mod@crate::settings).
///
/// A field reads `name: Type = "VARIABLE", otherwise "text";`, or `required;`, or (with an `Option` as its type) `optional;`.
/// `Type` is a [`SettingValue`](crate::settings::SettingValue). Doc comments become the description.
///
/// ```
/// use standards_core::settings::{Absence, Settings};
///
/// standards_core::settings! {
///     /// Where the service listens.
///     pub struct ListenSettings {
///         /// Port of the service.
///         port: u16 = "PORT", otherwise "8000";
///     }
/// }
///
/// let variable = ListenSettings::variables()[0];
/// assert_eq!((variable.name, variable.description), ("PORT", "Port of the service."));
/// assert_eq!(variable.absence, Absence::Default("8000"));
/// ```
///
/// # Example: groups within, and a rule over several variables
///
/// `..name: Group;`, before the first variable, takes in another group, which `AsRef` gives out again: a function may ask for `AsRef<Group>`
/// whatever is around it. `check function;` after the struct calls the function once all has been read, be it valid or not; what it
/// [notes](crate::settings::Environment::note) is told beside the other problems.
///
/// ```
/// use standards_core::settings;
/// use standards_core::settings::Environment;
///
/// settings! {
///     /// Where the service listens.
///     pub struct Listen {
///         /// Port of the service.
///         port: u16 = "PORT", otherwise "8000";
///     }
/// }
///
/// settings! {
///     /// Everything that the service is configured with.
///     pub struct Ajustes {
///         ..listen: Listen;
///         /// Name of the queue.
///         queue: String = "QUEUE_NAME", required;
///         /// Who we are there.
///         user: Option<String> = "QUEUE_USER", optional;
///     }
///     check credentials;
/// }
///
/// fn credentials(environment: &mut Environment) {
///     if environment.get("QUEUE_USER").is_some() && environment.get("QUEUE_KEY").is_none() {
///         environment.note("QUEUE_KEY", "va junto con QUEUE_USER");
///     }
/// }
///
/// let ajustes: Ajustes = Environment::from_pairs([("QUEUE_NAME", "pagos"), ("PORT", "80")]).settings()?;
/// let listen: &Listen = ajustes.as_ref();
/// assert_eq!((listen.port, ajustes.queue.as_str()), (80, "pagos"));
///
/// let problems = Environment::from_pairs([("PORT", "x"), ("QUEUE_USER", "ana")]).settings::<Ajustes>().unwrap_err();
/// assert_eq!(
///     problems.to_string(),
///     "PORT: debe ser un entero de 0 a 65535; QUEUE_NAME: es obligatoria; QUEUE_KEY: va junto con QUEUE_USER"
/// );
/// # Ok::<(), settings::Problems>(())
/// ```
///
/// # Example: a variable must say what it means
///
/// A field without a doc comment does not compile.
///
/// ```compile_fail
/// standards_core::settings! { pub struct S { port: u16 = "PORT", required; } }
/// ```
#[macro_export]
macro_rules! settings {
    (
        $(#[$meta:meta])*
        $vis:vis struct $name:ident {
            $(
                .. $group:ident : $group_type:ty;
            )*
            $(
                $(#[doc = $doc:literal])+
                $field:ident : $type:ty = $variable:literal, $kind:ident $($default:literal)?;
            )*
        }
        $(check $check:path;)?
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $(#[doc = concat!("The group `", stringify!($group_type), "`.")] pub $group: $group_type,)*
            $($(#[doc = $doc])+ pub $field: $type,)*
        }

        impl $crate::settings::Settings for $name {
            fn variables() -> ::std::vec::Vec<$crate::settings::Variable> {
                let own: ::std::vec::Vec<$crate::settings::Variable> = ::std::vec![$($crate::settings::Variable {
                    name: $variable,
                    absence: $crate::__absence!($kind $($default)?),
                    secret: $crate::settings::Environment::is_secret::<_, $type>(),
                    description: concat!($($doc),+).trim_ascii(),
                }),*];
                [$(<$group_type as $crate::settings::Settings>::variables(),)* own].concat()
            }

            fn read(environment: &mut $crate::settings::Environment) -> ::std::option::Option<Self> {
                // All are read before any is missed, so that every problem is told.
                $(let $group = <$group_type as $crate::settings::Settings>::read(environment);)*
                $(let $field = environment.$kind($variable $(, $default)?);)*
                $($check(environment);)?
                ::std::option::Option::Some(Self { $($group: $group?,)* $($field: $field?,)* })
            }
        }

        $(
            impl ::std::convert::AsRef<$group_type> for $name {
                fn as_ref(&self) -> &$group_type {
                    &self.$group
                }
            }
        )*
    };
}

/// What happens without a variable, from the words of its declaration.
#[doc(hidden)]
#[macro_export]
macro_rules! __absence {
    (otherwise $default:literal) => {
        $crate::settings::Absence::Default($default)
    };
    (required) => {
        $crate::settings::Absence::Required
    };
    (optional) => {
        $crate::settings::Absence::Optional
    };
}
