/** The application's name: in the header and in the title of each page. `index.html` has it too. */
export const appName = 'Encore with Logto';
