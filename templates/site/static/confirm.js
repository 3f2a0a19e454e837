// Presses the one button that remains, in the browser that signed up; no other gets this file.
document.getElementById("confirm").requestSubmit();
