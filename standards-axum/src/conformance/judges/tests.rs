//! What judges say of single answers.
