export const app = 3;
