// The three screens people hold or sit at. `phone` is a small one: what fits there fits anywhere.

const mobile = { hasTouch: true, isMobile: true, deviceScaleFactor: 2 };

export const viewports = {
  phone: { viewport: { width: 360, height: 740 }, ...mobile },
  tablet: { viewport: { width: 820, height: 1180 }, ...mobile },
  desk: { viewport: { width: 1366, height: 768 } },
};
