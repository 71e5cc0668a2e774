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
                $(#[doc = $doc:literal])+
                $field:ident : $type:ty = $variable:literal, $kind:ident $($default:literal)?;
            )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $($(#[doc = $doc])+ pub $field: $type),+
        }

        impl $crate::settings::Settings for $name {
            fn variables() -> ::std::vec::Vec<$crate::settings::Variable> {
                ::std::vec![$($crate::settings::Variable {
                    name: $variable,
                    absence: $crate::__absence!($kind $($default)?),
                    secret: $crate::settings::Environment::is_secret::<_, $type>(),
                    description: concat!($($doc),+).trim_ascii(),
                }),+]
            }

            fn read(environment: &mut $crate::settings::Environment) -> ::std::option::Option<Self> {
                $(let $field = environment.$kind($variable $(, $default)?);)+
                ::std::option::Option::Some(Self { $($field: $field?),+ })
            }
        }
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
