//! The closed form: a whole system at one growth multiple.
