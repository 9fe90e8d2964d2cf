/** Every point of issuing and anchoring at which a crash must lose nothing, in the order they are passed. */
export const steps = [
  'issue/checked',
  'issue/reserved',
  'issue/prepared',
  'issue/planned',
  'issue/signed',
  'issue/verified',
  'issue/stored',
  'anchor/selected',
  'anchor/built',
  'anchor/stored',
  'anchor/recomputed',
  'anchor/prepared',
  'anchor/recorded',
  'anchor/marked',
  'anchor/sent',
  'anchor/included',
  'anchor/confirmed',
  'anchor/final',
  'status/checked',
  'status/queued',
  'supersede/queued',
  'anew/prepared',
  'anew/planned',
] as const
export type StepName = (typeof steps)[number]

/** A place to be told of each step; whoever throws here plays a crash. */
export type Hook = (step: StepName) => void | Promise<void>
