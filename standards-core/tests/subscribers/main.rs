//! The log in a subscriber that somebody else put together: beside other layers, or without a layer of ours.
//!
//! No test here installs a log of the process: where there is one, it takes what has no layer.

#[cfg(test)]
mod elsewhere;
#[cfg(test)]
mod neighbours;
#[cfg(test)]
mod support;
