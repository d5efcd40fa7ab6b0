export const app = 1;
export const mine = 2;
