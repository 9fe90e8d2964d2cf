import { createHash } from 'node:crypto'
import { html, raw } from 'hono/html'
import type { Labels } from '../../certificate/model.ts'
import type { LogInPage } from '../../openid4vc/issuance/authorize.ts'

/** A page and the Content-Security-Policy that goes with it. */
export type Page = { readonly body: string; readonly policy: string }

const style = `body{font:1.125rem/1.6 system-ui,"Noto Sans SC",sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.5rem}label{display:block;font-weight:600}
input{font:inherit;width:100%;box-sizing:border-box;padding:.5rem;border:1px solid #595959;margin:.25rem 0 1rem}
button{font:inherit;padding:.6rem 1.2rem;margin-right:.5rem;border:1px solid #00458b;background:#00458b;color:#fff}
button[value=decline]{background:#fff;color:#00458b}
:focus-visible{outline:3px solid #b35900;outline-offset:2px}
.error{border-left:.4rem solid #b00020;padding:.25rem .75rem}.hint{color:#404040}`
const styleHash = createHash('sha256').update(style).digest('base64')

const words = {
  zh: {
    lang: 'zh-CN',
    title: '领取电子证照',
    from: '签发部门',
    what: '将领取',
    wallet: '将发送到您的钱包',
    code: '一次性验证码',
    hint: '办理窗口或办理系统交给您的验证码。输错五次后须重新申请。',
    wrong: '验证码不正确，请核对后重新输入。',
    problem: '有一处需要更正',
    accept: '确认领取',
    decline: '拒绝',
    warning: '如果不是您本人在办理，请选择拒绝，不要输入验证码。',
    ended: '链接已失效',
    next: '请回到钱包重新打开领取邀请，或者向签发部门重新申请。',
  },
  en: {
    lang: 'en',
    title: 'Receive a certificate',
    from: 'Issued by',
    what: 'You will receive',
    wallet: 'It will be sent to your wallet at',
    code: 'One-time code',
    hint: 'The code that the department gave you. After five wrong codes you must apply again.',
    wrong: 'The code is not right. Check it and enter it again.',
    problem: 'There is one thing to correct',
    accept: 'Receive',
    decline: 'Decline',
    warning: 'If you did not start this yourself, choose Decline and do not enter the code.',
    ended: 'This link is no longer valid',
    next: 'Open the offer in your wallet again, or apply to the department for a new one.',
  },
} as const

type Language = keyof typeof words

/** The log-in page as a plain form; it works without a script and without a style. */
export async function logInPage(
  page: LogInPage,
  department: Labels,
  language: Language,
): Promise<Page> {
  const say = words[language]
  const target = new URL(page.redirectUri)
  // The form's answer redirects to the wallet, which browsers count as where the form goes.
  const isWeb = target.protocol === 'https:' || target.protocol === 'http:'
  const action = isWeb ? target.origin : target.protocol
  const error = html`<div class="error" role="alert"><h2>${say.problem}</h2>
<p><a href="#code">${say.wrong}</a></p></div>`
  const body = await html`<h1>${say.title}</h1>
${page.isWrong ? error : ''}
<p>${say.from}: <strong>${department[language]}</strong></p>
<p>${say.what}:</p>
<ul>${page.certificates.map((names) => html`<li>${names[language]}</li>`)}</ul>
<p>${say.wallet} <strong>${isWeb ? target.host : target.protocol}</strong></p>
<p>${say.warning}</p>
<form method="post" autocomplete="off">
<input type="hidden" name="request_uri" value="${page.requestUri}">
<input type="hidden" name="client_id" value="${page.clientId}">
<label for="code">${say.code}</label>
<p class="hint" id="hint">${say.hint}</p>
<input id="code" name="code" autocomplete="one-time-code" aria-describedby="hint"${
    page.isWrong ? raw(' aria-invalid="true"') : ''
  } maxlength="12">
<button name="decision" value="accept">${say.accept}</button>
<button name="decision" value="decline">${say.decline}</button>
</form>`
  return { body: await whole(language, say.title, body), policy: policyWith(`'self' ${action}`) }
}

/** What somebody sees whose link is used, unknown or too old. */
export async function endedPage(department: Labels, language: Language): Promise<Page> {
  const say = words[language]
  const body = await html`<h1>${say.ended}</h1><p>${department[language]}</p><p>${say.next}</p>`
  return { body: await whole(language, say.ended, body), policy: policyWith("'none'") }
}

async function whole(language: Language, title: string, body: unknown): Promise<string> {
  const page = await html`<!doctype html>
<html lang="${words[language].lang}"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>${raw(style)}</style></head><body><main>${body}</main></body></html>`
  return String(page)
}

function policyWith(formAction: string): string {
  return `default-src 'none'; style-src 'sha256-${styleHash}'; form-action ${formAction}; base-uri 'none'; frame-ancestors 'none'`
}
