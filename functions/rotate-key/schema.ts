import * as z from 'zod';

/** The steps of a rotation in the order in which Secrets Manager takes them. */
export const rotationSteps = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/**
 * What Secrets Manager starts a rotation function with, once for each step.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
const rotationEventSchema = z.object({
  Step: z.enum(rotationSteps),
  /** The secret's ARN. */
  SecretId: z.string().min(1),
  /** Id of the version that the rotation makes. */
  ClientRequestToken: z.string().min(1),
});
export type RotationEvent = z.output<typeof rotationEventSchema>;

/** @throws Error naming the field when this is no event of Secrets Manager */
export const parseRotationEvent = (event: unknown): RotationEvent => rotationEventSchema.parse(event);
