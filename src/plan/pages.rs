//! Pages beside routes: how they are rendered, and what several instances and versions of the service have in common.

use serde::Serialize;

use super::Place;
use super::decision::Ledger;
use crate::spec::Spec;
use crate::text::json_list;

/// How pages come to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pages {
    /// When a page is rendered.
    pub rendered: &'static str,
    /// Where variables for browsers come from.
    pub variables: &'static str,
    /// What keeps answers.
    pub cache: &'static str,
    /// What the arguments of server actions are encrypted with.
    pub actions_key: &'static str,
    /// What a page of the version before finds after a deploy.
    pub skew: &'static str,
    /// Patterns of packages that the build shall not put into its output, as a list in TypeScript.
    pub untraced: String,
}

/// Decides all of them; nothing where the framework has no pages.
pub(super) fn decide(spec: &Spec, place: &Place, ledger: &mut Ledger) -> Option<Pages> {
    (spec.framework.bundled && spec.existing.is_none()).then(|| Pages {
        rendered: rendered(ledger),
        variables: variables(ledger),
        cache: cache(ledger),
        actions_key: ledger.decide(
            "pages.actions_key",
            "Key of server actions",
            "that of the build",
            "",
            "all instances run one image, and so have the key that its build made; a key from the environment would have to \
             be there when the image is built",
        ),
        skew: ledger.decide(
            "pages.skew",
            "Pages of the version before",
            "reload",
            "",
            "a page that was open during a deploy asks the new version for scripts or actions that only the old one had, is told \
             that there are none, and works again once it is loaded anew; put both versions of the files behind a CDN to spare users that",
        ),
        untraced: untraced(place),
    })
}

/// What scales pictures. A workspace has it where pnpm keeps all packages, at its root.
fn untraced(place: &Place) -> String {
    if !place.is_within() {
        return json_list(&["node_modules/sharp/**", "node_modules/@img/**"].map(ToOwned::to_owned));
    }
    let up = "../".repeat(place.folder.split('/').count());
    json_list(&["sharp@*", "@img+*"].map(|package| format!("{up}node_modules/.pnpm/{package}/**")))
}

fn rendered(ledger: &mut Ledger) -> &'static str {
    let value = ledger.decide(
        "pages.rendered",
        "Pages are rendered",
        "for each request",
        "",
        "the policy that keeps foreign scripts out (Content-Security-Policy) has a nonce that is new for each answer",
    );
    ledger.rejected(
        "once, when they are built",
        "scripts of such a page have no nonce, and the policy would have to allow any script that stands in a page",
    );
    value
}

fn variables(ledger: &mut Ledger) -> &'static str {
    let value = ledger.decide(
        "pages.variables",
        "Variables for browsers",
        "from the server, at run time",
        "",
        "one image goes through all environments; a page reads what its reader may know, and hands it to components",
    );
    ledger.rejected(
        "NEXT_PUBLIC_ variables",
        "a build puts their values into its files, so that each environment would need an image of its own, which nobody tested",
    );
    value
}

fn cache(ledger: &mut Ledger) -> &'static str {
    let value = ledger.decide(
        "pages.cache",
        "Cache of pages and data",
        "none between instances",
        "",
        "what an instance caches stays in its memory, 50 MiB at most: the file system of the image is read-only, and nothing that \
         is emitted caches",
    );
    ledger.rejected(
        "a cache that all instances share",
        "there is nothing in it yet; with revalidateTag() or use cache, name one in next.config.ts (cacheHandler), or an instance \
         goes on with what another has dropped",
    );
    value
}
