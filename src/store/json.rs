//! Lists and small values kept as JSON texts.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::StoreError;

/// The stored form of a value that is always representable.
pub(super) fn to_json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}

/// Reads a stored value back; `table` names the place for the error.
pub(super) fn from_json<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| StoreError::Value {
        table,
        what: std::any::type_name::<T>(),
        value: text.chars().take(80).collect(),
    })
}
