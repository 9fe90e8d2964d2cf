import { createHash } from 'node:crypto'
import { createRoute, z } from '@hono/zod-openapi'
import { html, raw } from 'hono/html'
import type { Hosted } from '../wire/service.ts'
import type { RouteGroup } from './chassis.ts'
import { type Document, documentOf, type Operation, type Parameter } from './openapi.ts'

type Language = 'en' | 'zh'
type Html = ReturnType<typeof html>

const words = {
  en: {
    reference: 'Reference',
    other: '中文',
    roles: 'Roles',
    open: 'Open to everybody',
    parameters: 'Parameters',
    body: 'Body',
    answers: 'Answers',
    required: 'required',
    schemas: 'Schemas',
    machine: 'The same for programs:',
  },
  zh: {
    reference: '接口说明',
    other: 'English',
    roles: '角色',
    open: '无需令牌',
    parameters: '参数',
    body: '正文',
    answers: '响应',
    required: '必填',
    schemas: '数据结构',
    machine: '供程序读取的同一内容：',
  },
} as const

const style = `body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c;background:#fff}
h1{font-size:1.6rem}h2{margin-top:2.5rem;border-bottom:1px solid #767676}h3{margin-top:1.8rem}
code,pre{font-family:ui-monospace,monospace;font-size:.9em}pre{background:#f4f4f4;padding:1rem;overflow:auto}
.method{font-weight:700;text-transform:uppercase;margin-right:.5rem}table{border-collapse:collapse;width:100%}
td,th{text-align:left;vertical-align:top;padding:.3rem .6rem;border-bottom:1px solid #d0d0d0}
a{color:#0b4f9e}a:focus{outline:3px solid #b35c00}nav li{margin:.1rem 0}`

/** Only this style sheet, by its hash; no script, nothing from elsewhere. */
const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; frame-ancestors 'none'`

/** `/reference`: the interface for people, in English and Chinese, without scripts. Add it last. */
export const addReferenceRoutes: RouteGroup<Hosted> = (app, service) => {
  app.openapi(
    createRoute({
      method: 'get',
      path: '/reference',
      summary: 'This interface for people',
      tags: ['operation'],
      request: { query: z.object({ lang: z.enum(['en', 'zh']).optional() }) },
      responses: {
        200: { description: 'A page', content: { 'text/html': { schema: z.string() } } },
      },
    }),
    async (c) => {
      const accepted = /^\s*zh\b/i.test(c.req.header('accept-language') ?? '') ? 'zh' : 'en'
      const language = c.req.valid('query').lang ?? accepted
      const page = await pageOf(documentOf(app, service), language)
      c.header('Content-Security-Policy', policy)
      return c.html(String(page), 200)
    },
  )
}

function pageOf({ info, paths, components }: Document, language: Language): Html {
  const w = words[language]
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  )
  const groups = Object.entries(
    Object.groupBy(operations, ({ operation }) => operation.tags?.[0] ?? 'other'),
  )
  const other = language === 'en' ? 'zh' : 'en'
  return html`<!doctype html>
<html lang="${language === 'en' ? 'en' : 'zh-CN'}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${info.title} · ${w.reference}</title><style>${raw(style)}</style></head>
<body>
<h1>${info.title}</h1>
<p>${info.description} <a href="?lang=${other}" lang="${other}">${w.other}</a></p>
<p>${w.machine} <a href="openapi.json">openapi.json</a></p>
<nav><ul>${groups.map(([tag]) => html`<li><a href="#${tag}">${tag}</a></li>`)}
<li><a href="#schemas">${w.schemas}</a></li></ul></nav>
${groups.map(
  ([tag, members]) => html`<section id="${tag}"><h2>${tag}</h2>
${members!.map(({ path, method, operation }) => operationOf(path, method, operation, language))}
</section>`,
)}
<section id="schemas"><h2>${w.schemas}</h2>
${Object.entries(components?.schemas ?? {}).map(
  ([name, schema]) =>
    html`<h3 id="schema-${name}">${name}</h3><pre>${JSON.stringify(schema, null, 2)}</pre>`,
)}
</section>
</body></html>`
}

function operationOf(path: string, method: string, one: Operation, language: Language): Html {
  const w = words[language]
  const roles = one.security?.flatMap((scheme) => Object.values(scheme).flat()) ?? []
  const bodies = Object.entries(one.requestBody?.content ?? {})
  return html`<article><h3><span class="method">${method}</span><code>${path}</code></h3>
<p>${one.summary ?? ''}</p>
<p>${roles.length > 0 ? `${w.roles}: ${roles.join(', ')}` : w.open}</p>
${parametersOf(one.parameters ?? [], language)}
${bodies.map(
  ([type, { schema }]) =>
    html`<h4>${w.body} <code>${type}</code></h4><pre>${JSON.stringify(schema, null, 2)}</pre>`,
)}
<h4>${w.answers}</h4><table>${Object.entries(one.responses).map(
    ([status, { description, content }]) =>
      html`<tr><th scope="row">${status}</th><td>${description}</td><td><code>${Object.keys(content ?? {}).join(' ')}</code></td></tr>`,
  )}</table></article>`
}

function parametersOf(parameters: readonly Parameter[], language: Language): Html | '' {
  if (parameters.length === 0) return ''
  const w = words[language]
  return html`<h4>${w.parameters}</h4><table>${parameters.map(
    ({ name, in: place, required, schema }) =>
      html`<tr><th scope="row"><code>${name}</code></th><td>${place}${required ? ` · ${w.required}` : ''}</td><td><code>${JSON.stringify(schema)}</code></td></tr>`,
  )}</table>`
}
