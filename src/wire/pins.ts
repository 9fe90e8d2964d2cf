import { type Deployment, readDeployment } from '../adapters/chain/deployment.ts'

/**
 * What somebody knows of a chain who does not ask it: enough to judge a saved evidence file offline.
 *
 * @param file the deployment file.
 * @throws {InputError} `deployment/unreadable`, `deployment/malformed`
 */
export async function readPins(file: string): Promise<{ readonly deployment: Deployment }> {
  return { deployment: await readDeployment(file) }
}
