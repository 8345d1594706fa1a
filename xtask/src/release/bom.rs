//! The bill of materials: everything that a release is built from, in CycloneDX 1.5 (ECMA-424).

use serde_json::{Value, json};

use crate::packages::Package;

/// The document for a version of `headroom`, as JSON text.
pub fn document(version: &str, packages: &[Package]) -> String {
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "headroom", "name": "headroom", "version": version}},
        "components": packages.iter().filter(|package| package.foreign).map(component).collect::<Vec<_>>(),
    });
    format!("{document:#}\n")
}

fn component(package: &Package) -> Value {
    // Package URL of a crate: https://github.com/package-url/purl-spec, type `cargo`.
    let purl = format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B"));
    let mut component =
        json!({"type": "library", "bom-ref": purl, "name": package.name, "version": package.version, "purl": purl});
    if !package.licence.is_empty() {
        component["licenses"] = json!([{"expression": package.licence}]);
    }
    if let Some(checksum) = &package.checksum {
        component["hashes"] = json!([{"alg": "SHA-256", "content": checksum}]);
    }
    component
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_named_licensed_and_hashed() {
        let package = |name: &str, foreign| Package {
            name: name.to_owned(),
            version: "1.2.3+4".to_owned(),
            licence: "MIT OR Apache-2.0".to_owned(),
            foreign,
            checksum: foreign.then(|| "ab".to_owned()),
        };
        let text = document("0.1.0", &[package("serde", true), package("engine", false)]);
        let read: Value = serde_json::from_str(&text).unwrap_or_default();
        assert_eq!(read["metadata"]["component"]["version"], "0.1.0");
        let components = read["components"].as_array().map_or(0, Vec::len);
        assert_eq!(components, 1, "our own packages are the application");
        let serde = &read["components"][0];
        assert_eq!(serde["purl"], "pkg:cargo/serde@1.2.3%2B4");
        assert_eq!(serde["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(serde["hashes"][0]["content"], "ab");
    }
}
