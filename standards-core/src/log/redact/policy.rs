//! What a service masks.

use super::keys;

/// A form by which a secret is known wherever it stands.
///
/// ```
/// use standards_core::log::{Redaction, Shape};
///
/// let shows_addresses = Redaction::default().without_shape(Shape::EmailAddress);
/// let only_cards = Redaction::none().with_shape(Shape::CardNumber);
/// # let _ = (shows_addresses, only_cards);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// 14 to 19 digits, in one run or in groups, that issuer range, length and Luhn's check say to be a card's.
    CardNumber,
    /// A JSON Web Token, signed or not.
    JsonWebToken,
    /// What follows `Bearer`.
    BearerToken,
    /// `user:password@` in a URL.
    UrlCredentials,
    /// `someone@example.org`
    EmailAddress,
    /// `password=...`, `"token":"..."` and the like in running text, by the keys of the deny-list.
    LabelledSecret,
}

/// What a service masks. The default is everything; take away what it must show, add what is its own.
///
/// ```
/// use standards_core::log::{LogOptions, Redaction, Shape};
///
/// let redaction = Redaction::default().with_key("rut").without_key("nombre").without_shape(Shape::EmailAddress);
/// let options = LogOptions::new("ms-pago-service", "1.2.3").with_redaction(redaction);
/// # let _ = options;
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Redaction {
    pub(super) keys: Vec<String>,
    pub(super) shown: Vec<String>,
    pub(super) shapes: Vec<Shape>,
}

impl Redaction {
    /// Masks nothing. For measurements; a service has no use for it.
    pub const fn none() -> Self {
        Self { keys: Vec::new(), shown: Vec::new(), shapes: Vec::new() }
    }

    /// Also masks fields in whose name the words of `key` stand: `rut` masks `rut`, `cliente_rut` and `clienteRut`.
    ///
    /// The words are found in any spelling, singular or plural.
    ///
    /// ```
    /// use standards_core::log::Redaction;
    ///
    /// let redaction = Redaction::default().with_key("numero_cuenta"); // also `numeroCuenta` and `cliente.numero-cuenta`
    /// # let _ = redaction;
    /// ```
    pub fn with_key(mut self, key: impl Into<String>) -> Self {
        self.keys.push(key.into());
        self
    }

    /// No longer masks fields named by `key`.
    pub fn without_key(mut self, key: &str) -> Self {
        self.keys.retain(|known| known != key);
        self
    }

    /// Shows fields in whose name the words of `name` stand, although a shorter key of the list stands in it: `nombre_producto` is no
    /// person.
    ///
    /// A field that is denied for another word of its name stays masked.
    ///
    /// ```
    /// use standards_core::log::Redaction;
    ///
    /// let redaction = Redaction::default().with_shown("nombre_producto"); // `nombre` and `nombre_cliente` stay masked
    /// # let _ = redaction;
    /// ```
    pub fn with_shown(mut self, name: impl Into<String>) -> Self {
        self.shown.push(name.into());
        self
    }

    /// Also masks what has this shape.
    pub fn with_shape(mut self, shape: Shape) -> Self {
        self.shapes.push(shape);
        self
    }

    /// No longer masks what has this shape.
    ///
    /// ```
    /// use standards_core::log::{Redaction, Shape};
    ///
    /// // A mail service logs addresses, and nothing else that is secret.
    /// let redaction = Redaction::default().without_key("email").without_shape(Shape::EmailAddress);
    /// # let _ = redaction;
    /// ```
    pub fn without_shape(mut self, shape: Shape) -> Self {
        self.shapes.retain(|known| *known != shape);
        self
    }
}

impl Default for Redaction {
    fn default() -> Self {
        use Shape::{BearerToken, CardNumber, EmailAddress, JsonWebToken, LabelledSecret, UrlCredentials};
        let shapes = vec![CardNumber, JsonWebToken, BearerToken, UrlCredentials, EmailAddress, LabelledSecret];
        Self { keys: keys::DEFAULT.iter().map(|key| (*key).to_owned()).collect(), shown: Vec::new(), shapes }
    }
}
