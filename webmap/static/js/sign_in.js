// @ts-check
/** What a permalink shows stands behind its #, which no server sees: it is carried over the signing in. */
const onward = /** @type {HTMLInputElement | null} */ (document.querySelector("#sign-in [name=next]"));
if (onward && window.location.hash && !onward.value.includes("#")) onward.value += window.location.hash;
