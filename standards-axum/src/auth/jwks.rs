//! A set of public keys (RFC 7517), read with suspicion.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

use super::keys::{Key, Kind};

/// Bytes that a set may have.
pub(super) const LONGEST: usize = 256 * 1024;
/// Keys that a set may have.
const MOST: usize = 100;

/// The keys of the set in `text` that sign with RS256, ES256 or `EdDSA`; others are left out.
///
/// # Errors
///
/// A sentence, where it is no set, is too large, names two keys alike, or has no key that can be used.
pub(super) fn read(text: &[u8]) -> Result<Vec<Key>, &'static str> {
    if text.len() > LONGEST {
        return Err("the set has more than 256 KiB");
    }
    let JwkSet { keys } = serde_json::from_slice(text).map_err(|_| "it is no JSON Web Key Set")?;
    if keys.len() > MOST {
        return Err("the set has more than 100 keys");
    }
    let usable: Vec<Key> = keys.iter().filter_map(usable).collect();
    let doubled = usable.iter().enumerate().any(|(at, key)| usable.iter().take(at).any(|other| other.id == key.id));
    match (usable.is_empty(), doubled) {
        (true, _) => Err("no key in the set can be used: RS256, ES256 and EdDSA are"),
        (_, true) => Err("two keys of the set have one kid"),
        _ => Ok(usable),
    }
}

fn usable(key: &Jwk) -> Option<Key> {
    if key.common.public_key_use.as_ref().is_some_and(|usage| *usage != PublicKeyUse::Signature) {
        return None;
    }
    let (algorithm, named) = match &key.algorithm {
        AlgorithmParameters::RSA(parameters) if parameters.n.len() >= SHORTEST_MODULUS => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(parameters) if parameters.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(parameters) if parameters.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    if key.common.key_algorithm.is_some_and(|stated| stated != named) {
        return None;
    }
    let id = key.common.key_id.as_deref().map(Into::into);
    Some(Key { id, kind: Kind::Public(algorithm, DecodingKey::from_jwk(key).ok()?) })
}

/// Characters of base64 that 2048 bits take (RFC 7518, section 3.3).
const SHORTEST_MODULUS: usize = 342;
