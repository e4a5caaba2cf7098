/**
 * Rises with every correction of the rules that verdicts follow from: what was wrong under older rules is no reason to
 * doubt a verdict of these.
 */
export const RULES = 1;
