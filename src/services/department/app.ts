import type { Service } from '../../wire/service.ts'
import { type AppOptions, newApp } from '../app.ts'
import { addAuditRoutes } from '../audit.ts'
import type { App, RouteGroup } from '../chassis.ts'
import { addHealthRoutes } from '../health.ts'
import { addOpenApiRoutes } from '../openapi.ts'
import { addReferenceRoutes } from '../reference.ts'
import { addApprovalRoutes } from './approvals.ts'
import { addAuthorizationServerRoutes } from './authorizationServer.ts'
import { addCertificateRoutes } from './certificates.ts'
import { addConformanceRoutes } from './conformance.ts'
import { addCredentialIssuerRoutes } from './credentialIssuer.ts'
import { addCredentialOfferRoutes } from './credentialOffers.ts'
import { addHolderRoutes } from './holder.ts'
import { addKeyRoutes } from './keys.ts'
import { addLeafRoutes } from './leaves.ts'
import { addDepartmentProbes } from './probes.ts'
import { addStatusListRoutes } from './statusLists.ts'
import { addSuccessorRoutes } from './successors.ts'
import { addVcApiRoutes } from './vcapi.ts'
import { addVerdictRoutes } from './verdicts.ts'
import { addVerifierRoutes } from './verifier.ts'
import { addWalletRoutes } from './wallets.ts'
import { addWebhookRoutes } from './webhooks.ts'

/** What a department's service offers, one line a group. */
const groups: readonly RouteGroup[] = [
  addDepartmentProbes,
  addHealthRoutes,
  addAuditRoutes,
  addCertificateRoutes,
  addApprovalRoutes,
  addSuccessorRoutes,
  addKeyRoutes,
  addCredentialOfferRoutes,
  addCredentialIssuerRoutes,
  addAuthorizationServerRoutes,
  addConformanceRoutes,
  addStatusListRoutes,
  addLeafRoutes,
  addVcApiRoutes,
  addVerdictRoutes,
  addVerifierRoutes,
  addWalletRoutes,
  addHolderRoutes,
  addWebhookRoutes,
  addOpenApiRoutes,
  addReferenceRoutes,
]

/** The whole HTTP side of one department; `app.fetch` answers, `app.request` for tests. */
export function departmentApp(service: Service, options: AppOptions = {}): App {
  const app = newApp(service, options)
  for (const add of groups) add(app, service)
  return app
}
