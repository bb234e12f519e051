// @ts-check
/** Writing to the server; addresses are relative, so nothing can leave it. */
import { t } from "../i18n.js";

/** A refusal with the sentence the server wrote for the reader. */
export class Problem extends Error {
  /** @param {string} text @param {number} status */
  constructor(text, status) {
    super(text);
    this.status = status;
  }
}

/** @param {string} path @param {FormData | Record<string, unknown>} body @returns {Promise<any>} */
export async function send(path, body) {
  const isForm = body instanceof FormData;
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      body: isForm ? body : JSON.stringify(body),
      headers: { Accept: "application/json", ...(isForm ? {} : { "Content-Type": "application/json" }) },
    });
  } catch {
    throw new Problem(t("no_connection"), 0);
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Problem(answer.detail || answer.title || t("request_failed"), response.status);
  return answer;
}
