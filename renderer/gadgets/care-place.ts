/** Where a refusal of something about this gadget's care is kept: beside its buttons. */
export const carePlace = (gadget: string): string => `care:${gadget}`;
