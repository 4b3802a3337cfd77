//! The tables of multiples: the base point's, and one for each platform key, which clients share.

use std::sync::{Arc, Mutex, MutexGuard, Weak};

use once_cell::sync::Lazy;
use sm2::{AffinePoint, PublicKey};

use super::comb::Comb;
use crate::signal::lock;

/// Of the base point; made on first use.
pub(super) fn base_point() -> &'static Comb {
    static TABLE: Lazy<Comb> =
        Lazy::new(|| Comb::new(&AffinePoint::GENERATOR).expect("the base point is not at infinity"));
    &TABLE
}

/// Of the keys that are in use.
#[derive(Default)]
pub(crate) struct Tables(Vec<(PublicKey, Weak<Comb>)>);

static TABLES: Lazy<Mutex<Tables>> = Lazy::new(Mutex::default);

/// For `fork`: nobody finds or makes a table while the guard lives.
pub(crate) fn hold() -> MutexGuard<'static, Tables> {
    lock(&TABLES)
}

impl Tables {
    /// The one of this key, made if there is none; `None` for the point at infinity, which is no key.
    pub(super) fn of(&mut self, key: &PublicKey) -> Option<Arc<Comb>> {
        self.0.retain(|(_, table)| table.strong_count() > 0);
        if let Some(table) = self.0.iter().find(|(of, _)| of == key).and_then(|(_, table)| table.upgrade()) {
            return Some(table);
        }
        let table = Arc::new(Comb::new(key.as_affine())?);
        self.0.push((*key, Arc::downgrade(&table)));
        Some(table)
    }

    /// Whether somebody uses the table of this key.
    #[cfg(test)]
    pub(super) fn lists(&self, key: &PublicKey) -> bool {
        self.0.iter().any(|(of, table)| of == key && table.strong_count() > 0)
    }
}
