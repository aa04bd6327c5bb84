/** Every way in which a launch can fail, once: what the page says, what the user can do, and the status. No sentence here comes from a request (L9). */

export type LaunchErrorCode = keyof typeof LAUNCH_ERRORS;

interface Explained {
  readonly status: 400 | 401 | 403 | 404 | 429 | 500 | 502 | 503;
  readonly title: string;
  /** What happened and what to do. */
  readonly text: string;
}

const AGAIN = 'Close this panel and open the app from the patient’s chart again.';

export const LAUNCH_ERRORS = {
  'unknown-issuer': {
    status: 403,
    title: 'This EHR is not registered',
    text: 'The app was opened from an EHR that is not on its list, so it contacted nobody. Ask IT to register the EHR’s FHIR address with the app.',
  },
  'bad-request': {
    status: 400,
    title: 'The launch is incomplete',
    text: `The EHR opened the app without saying which chart it belongs to. ${AGAIN}`,
  },
  'state-invalid': {
    status: 400,
    title: 'This sign-in is no longer valid',
    text: `It was already used, took longer than ten minutes, or did not start in this browser. ${AGAIN}`,
  },
  'cookies-blocked': {
    status: 400,
    title: 'This browser blocks the app’s cookie',
    text: 'The app keeps its session in one cookie, and the browser did not return it inside the EHR’s window. Open the app in a window of its own, or ask IT to allow cookies for this site inside the EHR.',
  },
  'page-reloaded': {
    status: 401,
    title: 'Start again from the chart',
    text: `This browser keeps no cookie for the app inside the EHR’s window, so a session lasts as long as its page and no longer. What was saved is saved. ${AGAIN}`,
  },
  'proof-refused': {
    status: 401,
    title: 'This page could not show that the session is its own',
    text: `What it sent was signed with another key, for another request, or too long ago. ${AGAIN}`,
  },
  'access-denied': {
    status: 403,
    title: 'Access was not granted',
    text: `The EHR did not give the app access, or the sign-in was cancelled. Nothing was read. ${AGAIN}`,
  },
  'sign-in-required': {
    status: 403,
    title: 'The EHR wants you to sign in again',
    text: 'Your session in the EHR is over, or the EHR has something to ask you. Nothing was read. Sign in to the EHR, then open the app from the patient’s chart.',
  },
  'invalid-scope': {
    status: 403,
    title: 'The EHR refused the access asked for',
    text: 'The app’s registration in the EHR does not cover the data it asks for. Ask IT to compare the registered scopes with the app’s.',
  },
  'authorization-failed': {
    status: 502,
    title: 'The EHR could not sign you in',
    text: `The EHR answered the sign-in with an error. ${AGAIN} If it happens again, tell IT the number below.`,
  },
  'no-patient': {
    status: 400,
    title: 'No patient was selected',
    text: 'The EHR signed you in but named no patient, and the app does not guess. Open a chart first, then the app from within it.',
  },
  'token-exchange-failed': {
    status: 502,
    title: 'The EHR did not complete the sign-in',
    text: `The EHR refused the app’s part of the sign-in. ${AGAIN} If it happens again, tell IT the number below: the app’s registration or its key may be wrong.`,
  },
  'code-expired': {
    status: 400,
    title: 'The sign-in took too long',
    text: `The EHR no longer accepts what it gave the app to complete the sign-in: it is good once, and for a short time. ${AGAIN}`,
  },
  'id-token-invalid': {
    status: 502,
    title: 'Who signed in could not be verified',
    text: 'The EHR’s statement of who you are did not pass its checks, so the app stopped. Tell IT the number below.',
  },
  'ehr-down': {
    status: 503,
    title: 'The EHR does not answer',
    text: 'The app could not reach the EHR, or its published configuration could not be accepted. Nothing was read. Try again in a minute; if it stays, tell IT the number below.',
  },
  'not-found': {
    status: 404,
    title: 'There is nothing here for you',
    text: `This address belongs to another session, or to none. ${AGAIN}`,
  },
  'session-expired': {
    status: 401,
    title: 'The session has ended',
    text: `It was idle for too long, reached its end, or was closed. ${AGAIN}`,
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    text: 'The app is being asked faster than it may answer. Wait a minute and try again.',
  },
  overloaded: {
    status: 503,
    title: 'The app is busy',
    text: 'More is being asked of its server than it can answer in time, so it did nothing. Try again in a few seconds.',
  },
  internal: {
    status: 500,
    title: 'Something failed here',
    text: `The app’s server made a mistake and stopped there. ${AGAIN} Tell IT the number below.`,
  },
} as const satisfies Record<string, Explained>;

/** A launch that cannot go on. The message is the code alone; `cause` stays in the process and is never shown or logged. */
export class LaunchError extends Error {
  override readonly name = 'LaunchError';
  readonly code: LaunchErrorCode;
  constructor(code: LaunchErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}
