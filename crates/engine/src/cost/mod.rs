//! Money: prices, drives, purchase mixes, reconciliation.
